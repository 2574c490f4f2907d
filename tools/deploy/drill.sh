#!/usr/bin/env bash
# A restore drill on what tools/walk.py leaves: both sides are copied, both
# disks are lost, both are restored, and the recipient's parcel comes back from
# the vault with the same bytes.
#
#   tools/deploy/drill.sh BIN WALK
set -euo pipefail
bin=$(realpath "$1") walk=$2
export SLUSS_LANG=en
cd "$walk"
rm -rf drill && mkdir drill
key=$("$bin/sluss" keygen --out drill/backup.key 2>/dev/null | sed -n 's/^recipient //p')
"$bin/sluss" backup --state counter --to "$key" drill/counter >/dev/null
"$bin/sluss-engine" backup --vault vault --to "$key" --objects drill/objects --keys drill/keys >/dev/null
if grep -qaE 'FK-20|PRIVATE|AGE-SECRET' drill/counter drill/objects drill/keys; then
	echo "a backup can be read without its key"
	exit 1
fi
signer=$("$bin/sluss-engine" vault show vault | sed -n 's/^signer-fingerprint //p')
recipient=$("$bin/sluss-engine" vault show vault | sed -n 's/^recipient //p')
before=$(find counter/documents -name '*.sluss' -exec sha256sum {} + | cut -d' ' -f1)
mv counter drill/counter.lost
mv vault drill/vault.lost
"$bin/sluss" restore drill/counter --identity drill/backup.key --signer drill/counter.lost/counter.pub --state counter --by drill >drill/restore.log 2>&1
"$bin/sluss-engine" restore --vault vault --objects drill/objects --keys drill/keys --identity drill/backup.key --signer "$signer" >>drill/restore.log 2>&1
if find counter/documents -name '*.sluss' | grep -q .; then
	echo "the counter's backup holds a parcel"
	exit 1
fi
"$bin/sluss" serve --state counter --addr 127.0.0.1:0 --credential credential --vault-key "$recipient" --signers signers.json >drill/serve.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do
	address=$(sed -n 's/^The counter is at //p' drill/serve.log)
	[ -n "$address" ] && break
	sleep 0.1
done
timeout 100 "$bin/sluss-engine" pull --dir vault --store store --counter "$address" --credential credential --signers vault-signers.json --once 2>drill/pull.log
kill "$server"
wait "$server" || true
after=$(find counter/documents -name '*.sluss' -exec sha256sum {} + | cut -d' ' -f1)
if [ -z "$before" ] || [ "$before" != "$after" ]; then
	echo "the parcel did not come back as it was"
	exit 1
fi
"$bin/sluss" audit verify --state counter --key drill/counter.lost/counter.pub >drill/audit.log
echo "both sides lost and restored, the parcel back from the vault with the same bytes, $(head -n 1 drill/audit.log) in the log"

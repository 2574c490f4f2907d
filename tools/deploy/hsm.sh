#!/usr/bin/env bash
# The vault's root key in a hardware module: SoftHSM 2 plays the module. The
# key moves there, the vault works, another PIN opens nothing, and the key moves
# back.
#
#   tools/deploy/hsm.sh BIN WORK          exits 77 and says why where it cannot
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "$1") work=$2
if ! command -v softhsm2-util >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	apt-get install -y -qq --no-install-recommends softhsm2 >/dev/null 2>&1 || true
fi
command -v softhsm2-util >/dev/null || { echo "skipped: SoftHSM is not on this machine (apt-get install softhsm2)"; exit 77; }
command -v gcc >/dev/null || { echo "skipped: gcc is not on this machine, and PKCS#11 needs cgo"; exit 77; }
module=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -n 1)
rm -rf "$work" && mkdir -p "$work/tokens"
work=$(realpath "$work")
CGO_ENABLED=1 "${GO:-go}" build -trimpath -o "$work/sluss-hsm" ./cmd/sluss-hsm
export SOFTHSM2_CONF=$work/softhsm2.conf SLUSS_LANG=en
printf 'directories.tokendir = %s/tokens\nlog.level = ERROR\n' "$work" >"$SOFTHSM2_CONF"
softhsm2-util --init-token --free --label sluss --so-pin 12345678 --pin 87654321 >/dev/null
printf '87654321\n' >"$work/pin"
printf '11111111\n' >"$work/wrong-pin"
fail() { echo "$1"; exit 1; }
root=(--command="$work/sluss-hsm" --command=--module="$module" --command=--token=sluss)
"$bin/sluss-engine" vault init "$work/vault" >/dev/null
if "$bin/sluss-engine" vault rotate "$work/vault" "${root[@]}" --command=--pin-file="$work/wrong-pin" 2>"$work/refused.log"; then
	fail "another PIN is taken"
fi
grep -q vault.root_refused "$work/refused.log" || fail "another PIN: $(cat "$work/refused.log")"
"$bin/sluss-engine" vault rotate "$work/vault" "${root[@]}" --command=--pin-file="$work/pin" >/dev/null
[ ! -e "$work/vault/root.key" ] || fail "the key's file is still there"
"$bin/sluss-engine" vault show "$work/vault" >/dev/null
key=$("$bin/sluss" keygen --out "$work/backup.key" 2>/dev/null | sed -n 's/^recipient //p')
"$bin/sluss-engine" backup --vault "$work/vault" --to "$key" --objects "$work/objects" --keys "$work/keys" >/dev/null
if "$bin/sluss-engine" vault rotate "$work/vault" --command=/bin/false 2>/dev/null; then
	fail "a program that fails is taken"
fi
SLUSS_HSM="$work/sluss-hsm --module=$module --token=sluss --pin-file=$work/pin" "${GO:-go}" test -count=1 -run '^TestHardwareModule$' ./internal/vault >"$work/test.log" 2>&1 || { cat "$work/test.log"; exit 1; }
grep -q '^ok' "$work/test.log" || fail "the test did not run"
"$bin/sluss-engine" vault rotate "$work/vault" --file >/dev/null
[ -e "$work/vault/root.key" ] || fail "the key is not back in its file"
echo "the root key in a module (SoftHSM $(softhsm2-util --version)), objects stored, rotated and read through PKCS#11, and back in a file"

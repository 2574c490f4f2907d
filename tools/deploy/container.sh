#!/bin/sh
# Builds both images of deploy/container/Containerfile and runs them with the flags
# that stand there. The counter answers, the vault is made, loads registers and
# asks the counter for work; both as nobody, on a file system that is read only.
#
# No registry is asked: a small image with this machine's Go stands in for the one
# that the Containerfile builds on, and Go's own caches are lent to the build.
# Everything is in one folder, which is removed at the end.
#
#   tools/deploy/container.sh             "skipped: why" where there can be no images
set -eu
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $1"; exit 0; }
fail() { echo "FAILED: $1" >&2; exit 1; }
go=${GO:-go}
[ "$(id -u)" = 0 ] || skip "images are built and run as root here"
missing() {
	for program in podman runc curl nsenter; do
		command -v "$program" >/dev/null || echo "$program"
	done
	[ -s /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
}
if [ -n "$(missing)" ]; then
	timeout 300 apt-get install -y -qq --no-install-recommends podman runc curl util-linux ca-certificates >/dev/null 2>&1 || true
fi
[ -z "$(missing)" ] || skip "not on this machine: $(missing | tr '\n' ' ')(apt-get install podman runc curl util-linux ca-certificates)"

work=$(mktemp -d)
# Podman builds with Buildah's code. vfs and cgroupfs ask least of the machine.
pod() { timeout 600 podman --root "$work/images" --runroot "$work/run" --tmpdir "$work/tmp" --storage-driver vfs --runtime runc --cgroup-manager cgroupfs "$@"; }
clean() {
	code=$?
	trap - EXIT
	pod rm -fa -t 5 >/dev/null 2>&1 || true
	pod rmi -fa >/dev/null 2>&1 || true
	rm -rf "$work" || true
	exit "$code"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/tmp" "$work/etc" "$work/base"

# The image to build on: Go, a shell, mkdir and certificates.
file=deploy/container/Containerfile
base=$(sed -n 's/^FROM \(.*\) AS build$/\1/p' $file)
want=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' go.mod)
case $base in *golang:"$want"-*) ;; *) fail "go.mod asks for Go $want, $file builds on $base" ;; esac
"$go" list -deps ./cmd/sluss ./cmd/sluss-engine >/dev/null # fetches what is missing
mkdir -p "$work/base/usr/local" "$work/base/tmp"
cp -R "$("$go" env GOROOT)" "$work/base/usr/local/go"
for program in /bin/sh /bin/mkdir; do
	cp -L --parents "$program" $(ldd "$program" | grep -o '/[^ )]*') "$work/base"
done
cp -L --parents /etc/ssl/certs/ca-certificates.crt "$work/base"
tar -C "$work/base" -c . | pod import -c "ENV PATH=/usr/local/go/bin:/bin" -c "ENV GOPATH=/go" -c "ENV GOTOOLCHAIN=local" -c "ENV GOPROXY=off" -c "ENV GOCACHE=/cache" - "$base" >"$work/log" 2>&1 || skip "podman cannot make an image here: $(tail -n 1 "$work/log")"
rm -rf "$work/base"
# Limits that need no right to be raised; no network, and so nothing of it to clean up.
limits="--ulimit nofile=1024:1024 --ulimit nproc=1024:1024"
# shellcheck disable=SC2086
pod run --rm --network none $limits "$base" /bin/sh -c true >"$work/log" 2>&1 || skip "podman cannot run an image here: $(tail -n 1 "$work/log")"

build() {
	pod build --isolation chroot --pull=never --ulimit nofile=1024:1024 -v "$("$go" env GOMODCACHE):/go/pkg/mod:ro" -v "$("$go" env GOCACHE):/cache" -f $file --target "$1" -t "$2" . >"$work/log" 2>&1 || { tail -n 20 "$work/log"; fail "the image of the $1 is not built"; }
}
build counter sluss
build vault sluss-engine

# The flags as the Containerfile names them.
flags=$(sed -n 's/^#   podman run \(.*\) -v counter:.*/\1/p' $file)
case $flags in *--read-only*--cap-drop=all*) ;; *) fail "$file does not say how the counter is run" ;; esac
# shellcheck disable=SC2086
run() { pod run $flags $limits -e SLUSS_LANG=en -v "$work/etc:/etc/sluss:ro" "$@"; }
counter() { run --rm --network none -v counter:/state sluss "$@"; }
signer() { counter signer "$1" "$2" --out "/state/$1.key" 2>"$work/log" || { cat "$work/log" >&2; fail "sluss signer $1"; }; }
vault() { run --rm --network container:counter -v vault:/state -e SLUSS_COUNTER=http://127.0.0.1:8080 sluss-engine "$@" 2>"$work/log" || { cat "$work/log" >&2; fail "sluss-engine $*"; }; }

# What both sides are told with: a credential that only nobody reads, and who may sign.
head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/etc/credential"
chmod 0755 "$work/etc" && chmod 0400 "$work/etc/credential" && chown 65532 "$work/etc/credential"
bo=$(signer bo decider)
siv=$(signer siv statistician)
ylva=$(signer ylva releaser)
echo "[$bo,$siv,$ylva]" >"$work/etc/signers.json"

run -d --name counter --network none -v counter:/state -e SLUSS_CREDENTIAL=/etc/sluss/credential -e SLUSS_SIGNERS=/etc/sluss/signers.json -e SLUSS_SFTP=:2022 sluss >/dev/null
pid=$(pod inspect -f '{{.State.Pid}}' counter)
ask() { nsenter -t "$pid" -n curl -s -m 5 "$@"; } # from within the counter's network
tries=0
until [ "$(ask http://127.0.0.1:8080/readyz)" = ok ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { pod logs counter; fail "the counter does not answer"; }
	sleep 0.1
done
for at in 8080/healthz 9180/healthz 9180/readyz; do
	[ "$(ask "http://127.0.0.1:$at")" = ok ] || fail "the counter does not answer at $at"
done
ask -f http://127.0.0.1:8080/ | grep -q '</html>' || fail "the counter has no first page"
ask --http0.9 http://127.0.0.1:2022/ | grep -q '^SSH-2.0' || fail "nobody answers at 2022 (SFTP)"

grep -Eq '^Uid:.65532.65532.65532.65532$' "/proc/$pid/status" || fail "the counter runs as $(grep Uid "/proc/$pid/status")"
grep -Eq '^CapBnd:.0+$' "/proc/$pid/status" || fail "the counter has capabilities"
! touch "/proc/$pid/root/etc/x" 2>/dev/null || fail "the counter's file system can be written"
[ "$(stat -c %a "/proc/$pid/root/tmp")" = 1777 ] || fail "/tmp is not for everybody"
[ "$(stat -c '%u %a' "/proc/$pid/root/state")" = "65532 700" ] || fail "/state is not nobody's alone"
for made in sluss.db counter.key documents sftp.key; do
	[ -e "/proc/$pid/root/state/$made" ] || fail "the counter has made no $made"
done
pod exec counter /sluss check --backup-hours 0 >"$work/check" 2>/dev/null || true # the authority is the example's
if ! grep -q '^ok .*read by their owner only' "$work/check" || grep '^FAIL' "$work/check" | grep -v 'check.authority'; then
	cat "$work/check"
	fail "sluss check"
fi

vault vault init /state/vault >/dev/null
vault synth --persons 300 --out /state/registers >/dev/null
vault load --from /state/registers --store /state/store >/dev/null
vault coverage --data /state/registers >/dev/null # makes its files in /tmp
vault pull --once
asked=$(vault check --backup-hours 0)
run -d --name vault --network container:counter -v vault:/state -e SLUSS_COUNTER=http://127.0.0.1:8080 sluss-engine >/dev/null
sleep 2
for side in vault counter; do
	pod stop -t 20 $side >/dev/null
	[ "$(pod inspect -f '{{.State.ExitCode}}' $side)" = 0 ] || { pod logs $side; fail "the $side does not end as it should"; }
done
echo "ok both images built ($base played by $("$go" env GOVERSION)); nobody, no capabilities, read only: the counter answers at 8080, 9180 and 2022, the vault loads registers and asks it for work ($(echo "$asked" | grep -c '^ok') of $(echo "$asked" | grep -c .) of its checks pass)"

#!/usr/bin/env bash
# A small Spark of our own, on this machine only: a standalone master and two
# workers of one core each, from the pyspark wheel (version in
# requirements.txt) and Java 17.
#
#   spark.sh install DIR   put PySpark under DIR; "skipped: why" and 77 where it cannot
#   spark.sh start DIR     start master and workers; their process ids are in DIR/run
#   spark.sh worker DIR N  start worker N (again)
#   spark.sh stop DIR      end them
#   spark.sh submit DIR PROGRAM   run extract.py there, with PROGRAM for the workers
#   spark.sh verify DIR    the shared suite, the kill tests and one whole order
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
what=${1:?what to do}
dir=$(mkdir -p "${2:?folder}" && cd "$2" && pwd)
python=$dir/python/bin/python
run=$dir/run

skip() { echo "skipped: $1"; exit 77; }

java_home() {
	local home
	for home in ${JAVA_HOME:-} /usr/lib/jvm/java-17-openjdk-* /usr/lib/jvm/openjdk-17; do
		if [ -x "$home/bin/java" ] && "$home/bin/java" -version 2>&1 | grep -q '"17\.'; then echo "$home"; return; fi
	done
	return 1
}

environment() {
	JAVA_HOME=$(java_home) || skip "no Java 17 (apt-get install openjdk-17-jre-headless)"
	SPARK_HOME=$("$python" -c 'import pyspark, os; print(os.path.dirname(pyspark.__file__))')
	export JAVA_HOME SPARK_HOME SPARK_CONF_DIR=$run/conf SPARK_LOCAL_IP=127.0.0.1 SPARK_NO_DAEMONIZE=1 PYSPARK_PYTHON=$python
	export SPARK_DAEMON_MEMORY=256m
}

install() {
	if ! java_home >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless; } >"$dir/java.log" 2>&1 || true
	fi
	java_home >/dev/null || skip "no Java 17 (apt-get install openjdk-17-jre-headless)"
	command -v python3 >/dev/null || skip "no python3 (apt-get install python3-venv)"
	[ -x "$python" ] || python3 -m venv "$dir/python" 2>"$dir/pip.log" || skip "no virtual environments (apt-get install python3-venv)"
	"$dir/python/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" >"$dir/pip.log" 2>&1 ||
		skip "PySpark could not be installed: $(tail -n 1 "$dir/pip.log")"
}

# Everything on 127.0.0.1, and nobody in without the secret of this run. The
# last three are for hundreds of tiny orders; a real cluster does without them.
configure() {
	mkdir -p "$run/conf" "$run/local"
	chmod 700 "$run"
	port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	echo "$port" >"$run/port"
	(
		umask 077
		cat >"$run/conf/spark-defaults.conf" <<-END
			spark.master                    spark://127.0.0.1:$port
			spark.authenticate              true
			spark.authenticate.secret       $("$python" -c 'import secrets; print(secrets.token_hex(24))')
			spark.driver.host               127.0.0.1
			spark.driver.bindAddress        127.0.0.1
			spark.driver.memory             700m
			spark.executor.memory           700m
			spark.executor.cores            1
			spark.ui.enabled                false
			spark.ui.showConsoleProgress    false
			spark.network.timeout           30s
			spark.network.timeoutInterval   10s
			spark.executor.heartbeatInterval 5s
			spark.shuffle.io.maxRetries     2
			spark.shuffle.io.retryWait      1s
			spark.python.worker.reuse       true
			spark.local.dir                 $run/local
			spark.sql.adaptive.enabled      false
			spark.sql.codegen.wholeStage    false
			spark.sql.codegen.factoryMode   NO_CODEGEN
		END
	)
	cat >"$run/conf/log4j2.properties" <<-END
		rootLogger.level = warn
		rootLogger.appenderRef.out.ref = out
		appender.out.type = Console
		appender.out.name = out
		appender.out.target = SYSTEM_ERR
		appender.out.layout.type = PatternLayout
		appender.out.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
	END
}

# launch NAME CLASS ARGS...: a process of its own group, its id in run/NAME.pid.
launch() {
	local name=$1
	shift
	setsid "$SPARK_HOME/bin/spark-class" "$@" >>"$run/$name.log" 2>&1 </dev/null &
	echo $! >"$run/$name.pid"
}

worker() {
	launch "worker$1" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores 1 --memory 1g --work-dir "$run/work$1" --properties-file "$run/conf/spark-defaults.conf" "spark://127.0.0.1:$(cat "$run/port")"
}

alive() { [ -e "$run/$1.pid" ] && kill -0 "$(cat "$run/$1.pid")" 2>/dev/null; }

start() {
	environment
	configure
	launch master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0 --properties-file "$run/conf/spark-defaults.conf"
	for _ in $(seq 100); do
		alive master || { tail -n 5 "$run/master.log"; return 1; }
		"$python" -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null && break
		sleep 0.2
	done
	worker 1
	worker 2
}

stop() {
	local name pid
	for name in worker1 worker2 master; do
		[ -e "$run/$name.pid" ] || continue
		pid=$(cat "$run/$name.pid")
		kill -- "-$pid" 2>/dev/null || true
		for _ in $(seq 50); do kill -0 -- "-$pid" 2>/dev/null || break; sleep 0.1; done
		kill -9 -- "-$pid" 2>/dev/null || true
		rm -f "$run/$name.pid"
	done
	rm -rf "$run/local" "$run/work1" "$run/work2" "$run/conf"
}

case "$what" in
install) install ;;
start) start ;;
worker) environment && worker "${3:?number}" ;;
stop) stop ;;
submit)
	environment
	exec "$python" "$here/extract.py" "${3:?program}"
	;;
verify)
	program=$(cd "$(dirname "${3:?program}")" && pwd)/$(basename "$3")
	install
	trap stop EXIT
	start || { echo "FAILED: Spark did not start"; exit 1; }
	cd "$here/../.."
	SLUSS_SPARK=$dir SLUSS_KERNEL=$program CGO_ENABLED=0 timeout "${SPARK_SECONDS:-900}" "${GO:-go}" test -count=1 -timeout 30m -v -run '^TestSpark' ./internal/engine/cluster >"$dir/suite.log" 2>&1 ||
		{ grep -E '^ *--- FAIL|_test.go:|^panic|^FAIL' "$dir/suite.log" | head -n 40; echo "FAILED (all of it in $dir/suite.log)"; exit 1; }
	if grep -q '^ *--- SKIP: TestSpark' "$dir/suite.log"; then skip "the tests found no Spark"; fi
	echo "$(grep -c '^ *--- PASS' "$dir/suite.log") tests on Spark $("$python" -c 'import pyspark; print(pyspark.__version__)'): the shared suite, same bytes, a killed executor, a killed worker, a cancel"
	;;
*)
	echo "unknown: $what" >&2
	exit 2
	;;
esac

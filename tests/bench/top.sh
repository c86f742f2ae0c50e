#!/bin/sh
# What tokctl top costs beside a ledger that is being written to.
#
#	TOKCTL=build/tokctl tests/bench/top.sh [LEDGER] [SECONDS [SLICES]]
#
# LEDGER is copied and left alone; without one, the copy is empty
# (tests/bench/gen-csv 10000000 | tokctl usage record -q -L LEDGER --csv -
# makes one).  A writer adds 2,000 records a second in durable batches of ten
# while top runs in tmux, refreshing every two seconds, at 80x24 and at 140x40.
# It prints the CPU of one refresh, how old what was on the screen has been,
# memory and what an idle top takes.  200 users have quotas.  With 0 seconds
# only what follows is measured.
#
# By how much is a writer at full speed slowed?  One writer takes batches as
# fast as it can commit them, while top is stopped and continued in SLICES of
# two seconds (120), in the order ABBA: neighbours share what else the machine
# does.  Each pair gives a ratio; the median of the pairs is printed with a 95 %
# interval (bootstrap), for the rate, for the time of a batch, and for the CPU
# that the writer takes for it.
set -eu
: "${TOKCTL:?say which with TOKCTL=build/tokctl}"
TOKCTL=$(cd "$(dirname "$TOKCTL")" && pwd)/$(basename "$TOKCTL")
export TOKCTL
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tokctl-top.XXXXXX")
trap 'tmux -S "$scratch/tmux" kill-server 2>/dev/null || :; rm -rf "$scratch"' EXIT
if [ $# -gt 0 ]; then
	cp "$1" "$scratch/ledger.db"
else
	"$TOKCTL" ledger init -q -L "$scratch/ledger.db"
fi
unset TOKCTL_NOW TMUX
HOME=$scratch TOKCTL_LEDGER=$scratch/ledger.db TOKCTL_TZ=UTC LC_ALL=C.UTF-8
export HOME TOKCTL_LEDGER TOKCTL_TZ LC_ALL
seconds=${2:-40} slices=${3:-120} python3 - "$scratch" <<'EOT'
import fcntl, os, random, re, signal, subprocess, sys, threading, time

scratch, tokctl = sys.argv[1], os.environ["TOKCTL"]
seconds, slices = int(os.environ["seconds"]), int(os.environ["slices"])
tmux = ["tmux", "-S", scratch + "/tmux", "-f", "/dev/null"]
made = 0


def lines(n):
    """n records of one token: 1,000 users, 50 applications, 10 models."""
    global made
    out = []
    for made in range(made + 1, made + n + 1):
        k = made * 7919
        out.append('{"user":"user%d","application":"app%d","model":"gpt-4.%d",'
                   '"session":"s%d","input_tokens":1}\n'
                   % (k % 1000, k % 50, k % 10, k // 1000 % 300))
    return "".join(out).encode()


def writer():
    return subprocess.Popen([tokctl, "usage", "record", "-q", "--jsonl", "-",
                             "--batch-size", "10"], stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL)


def screen(w, h, view):
    subprocess.run(tmux + ["kill-server"], stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    subprocess.run(tmux + ["new-session", "-d", "-s", "s", "-x", str(w), "-y",
                           str(h), "exec %s top -d 2 --view %s" % (tokctl, view)],
                   check=True)
    pid = int(subprocess.check_output(tmux + ["display", "-p", "-t", "=s:",
                                              "#{pane_pid}"]))
    while not shown():
        time.sleep(0.05)
    return pid


def shown():
    """Today's requests on the screen, from its tokens; 0: not there yet."""
    text = subprocess.run(tmux + ["capture-pane", "-p", "-t", "=s:"],
                          capture_output=True).stdout.decode()
    m = re.search(r"^(?:Today|\S Daily Usage:) +([0-9,]+) ", text, re.M)
    return 0 if m is None else max(1, int(m[1].replace(",", "")))


def cpu_ms(pid):
    with open("/proc/%d/schedstat" % pid) as f:
        return int(f.read().split()[0]) / 1e6


def rss_mb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024


def paced(stop, log):
    """2,000 records a second, ten at a time."""
    p, began, n = writer(), time.monotonic(), 0
    while not stop.is_set():
        due = int((time.monotonic() - began) * 200)
        if n < due:
            p.stdin.write(lines(10))
            p.stdin.flush()
            n += 1
            log.append((time.monotonic(), made))
        else:
            time.sleep(0.002)
    p.stdin.close()
    p.wait()


def watch(w, h, view):
    pid, stop, log = screen(w, h, view), threading.Event(), []
    t = threading.Thread(target=paced, args=(stop, log))
    t.start()
    time.sleep(3)
    worst, begun, cpu = 0.0, time.monotonic(), cpu_ms(pid)
    at = 0
    while time.monotonic() - begun < seconds:
        now, n = time.monotonic(), shown()
        while at + 1 < len(log) and log[at][1] <= n:
            at += 1
        if log[at][1] > n:
            worst = max(worst, now - log[at][0])
        time.sleep(0.1)
    spent = cpu_ms(pid) - cpu
    print("%3dx%-3d %-8s %5.2f ms of CPU a refresh, %d records between two, "
          "at most %.1f s old, %.1f MB"
          % (w, h, view, spent / ((time.monotonic() - begun) / 2), 4000,
             worst, rss_mb(pid)), flush=True)
    stop.set()
    t.join()


def idle():
    pid = screen(80, 24, "user")
    time.sleep(3)
    cpu, begun = cpu_ms(pid), time.monotonic()
    time.sleep(seconds)
    print("idle: %.3f %% of a core, %.1f MB"
          % ((cpu_ms(pid) - cpu) / (time.monotonic() - begun) / 10,
             rss_mb(pid)), flush=True)


def feed(p, log):
    """As many batches as it takes; when each had gone into a short pipe."""
    fcntl.fcntl(p.stdin.fileno(), 1031, 4096)  # F_SETPIPE_SZ
    try:
        while True:
            os.write(p.stdin.fileno(), lines(10))
            log.append((time.monotonic(), made))
    except (BrokenPipeError, OSError):
        pass


def asleep(pid):
    """It has no lock then."""
    while open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[0] != "S":
        time.sleep(0.001)


def slice_of(writer, top, on, log):
    """Rate, median time of a batch and CPU of it, and of a refresh of top."""
    if on:
        os.kill(top, signal.SIGCONT)
    else:
        asleep(top)
        os.kill(top, signal.SIGSTOP)
    time.sleep(0.1)
    first, began = len(log), time.monotonic()
    cpu, shows = cpu_ms(writer), cpu_ms(top)
    time.sleep(2)
    n, took = len(log) - first, time.monotonic() - began
    gaps = sorted(b[0] - a[0] for a, b in zip(log[first:-1], log[first + 1:]))
    return (n / took, gaps[len(gaps) // 2], (cpu_ms(writer) - cpu) / n,
            cpu_ms(top) - shows)


def interval(v):
    pick = random.Random(7)
    middle = lambda x: sorted(x)[len(x) // 2]
    many = sorted(middle([pick.choice(v) for _ in v]) for _ in range(2000))
    return middle(v), many[50], many[-51]


def slowed():
    top, log, worst = screen(80, 24, "user"), [], 0.0
    p = writer()
    t = threading.Thread(target=feed, args=(p, log))
    t.start()
    time.sleep(3)
    taken = {False: [], True: []}
    for i in range(slices // 4 * 4):
        on = i % 4 in (1, 2)
        taken[on].append(slice_of(p.pid, top, on, log))
        if on:  # the latest batch that is not on the screen yet
            n, now = shown(), time.monotonic()
            worst = max([worst] + [now - at for at, k in log[-60000:]
                                   if k > n + 30][:1])
    os.kill(top, signal.SIGCONT)
    p.kill()
    t.join()
    for k, what in enumerate(("rate", "time of a batch", "CPU of a batch")):
        ratio, low, high = interval([b[k] / a[k] for a, b in
                                     zip(taken[False], taken[True])])
        print("a writer at full speed beside top: %-15s %+.1f %% "
              "(95 %%: %+.1f to %+.1f, %d pairs)"
              % (what, (ratio - 1) * 100, (low - 1) * 100, (high - 1) * 100,
                 len(taken[True])), flush=True)
    rate = sorted(x[0] for x in taken[False])
    shows = sorted(x[3] for x in taken[True])
    print("alone %.0f batches a second; beside it %.1f ms of CPU of top in two "
          "seconds, at most %.1f s old"
          % (rate[len(rate) // 2], shows[len(shows) // 2], worst), flush=True)


p = writer()
p.stdin.write(lines(1000))
p.stdin.close()
p.wait()
for user in range(200):
    subprocess.run([tokctl, "quota", "set", "-q", "-u", "user%d" % user,
                    "--daily", "100000000"], check=True)
if seconds > 0:
    idle()
    for w, h, view in ((80, 24, "user"), (140, 40, "user"),
                       (80, 24, "session"), (80, 24, "home")):
        watch(w, h, view)
slowed()
EOT

import { bytesOrNone } from '../../machine/read-file.js';
import { withoutPasswords } from '../../output/passwords.js';

/** The last lines of dockerd's log that matter: warnings and errors, or simply the last when there are none. */
export function telling(log: string, count = 20): string[] {
  const lines = withoutPasswords(log).split('\n').filter(Boolean);
  const bad = lines.filter((line) => /level=(warning|error|fatal)|^failed|panic|unable to/.test(line));
  return (bad.length > 0 ? bad : lines).slice(-count);
}

/** Reads the part of a log that was written after its first `from` bytes. */
export function readLog(file: string, from = 0): string {
  return bytesOrNone(file).subarray(from).toString('utf8');
}

/** What the known faults mean and what to do, as hints; none for an unknown fault. */
export function explain(log: string): string[] {
  if (/iptables.*(Permission denied|not permitted|must be root)|operation not permitted/i.test(log)) {
    return [
      'This machine does not let root change mounts or the firewall. It is probably a container itself:',
      'run that one with --privileged, or give gather an engine outside it: export DOCKER_HOST=…',
    ];
  }
  if (/iptables|nf_tables|nat.*chain/i.test(log.match(/failed to start daemon.*/)?.[0] ?? '')) {
    return [
      'The kernel has no iptables NAT for dockerd. Try: sudo modprobe iptable_nat br_netfilter',
      'or the other flavour: sudo update-alternatives --set iptables /usr/sbin/iptables-legacy',
    ];
  }
  if (/no space left on device/.test(log))
    return ['df -h /var/lib/gather', 'The disk is full: make room and try again.'];
  if (/cgroup/i.test(log.match(/failed to start daemon.*/)?.[0] ?? '')) {
    return ['dockerd needs cgroups: mount -t cgroup2 none /sys/fs/cgroup'];
  }
  return [];
}

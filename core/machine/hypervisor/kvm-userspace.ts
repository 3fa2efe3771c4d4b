import { kvmVhost } from './kvm-vhost.ts';
import type { HypervisorProfile } from './profile.ts';

/**
 * KVM with the backend in a process: QEMU's own, or a vhost-user daemon. Kicks arrive by
 * `KVM_IOEVENTFD`, interrupts leave by `KVM_IRQFD`, as with vhost; the process must be woken, and
 * pays for its system calls.
 */
export const kvmUserspace: HypervisorProfile = {
  ...kvmVhost,
  id: 'kvm-userspace',
  family: 'kvm-userspace',
  name: 'KVM, backend in user space',
  summary:
    'QEMU or a vhost-user daemon, which maps all memory of the guests that it serves, and no other',
  backendKinds: ['user'],
  privilege: 'target',
};

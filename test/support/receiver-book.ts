import type { ReceiverBook } from '../../src/delivery/dispatch/sort.ts'
import { receiverOfOwnDomain } from '../../src/delivery/receivers/receiver.ts'

/** Knows the domains that are known without asking anybody; every other domain receives for itself. */
export const receiverBook: ReceiverBook = {
  resolve: async (domains) => new Map(domains.map((domain) => [domain, receiverOfOwnDomain(domain) ?? domain])),
}

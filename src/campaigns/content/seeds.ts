/** Where tests go: mailboxes of the workspace's own people, best with different providers. */
import type { Tx } from '../../db/database.ts'
import { takeTurn } from '../../db/turns.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { explainAddress, formatAddress, parseAddress } from '../../mail/address.ts'
import { replaceSeeds } from './queries.ts'
import type { Seed } from './seed.ts'

export { selectSeeds as listSeeds } from './queries.ts'

/** The whole list at once. */
export async function setSeeds(tx: Tx, workspaceId: WorkspaceId, given: readonly Seed[], now: Date): Promise<readonly Seed[]> {
  const seeds = given.map(({ address, name }, i) => ({
    address: writtenAddress(address, `/seeds/${i}/address`),
    name: name.trim(),
  }))
  const twice = seeds.findIndex(({ address }, i) => seeds.findIndex((other) => other.address === address) !== i)
  if (twice !== -1)
    throw new Refusal('invalid_request', { pointer: `/seeds/${twice}/address`, why: 'This address is in the list twice.' })
  await takeTurn(tx, 'seed_address', workspaceId)
  await replaceSeeds(tx, workspaceId, seeds, now)
  return seeds
}

export function writtenAddress(text: string, pointer: string): string {
  const parsed = parseAddress(text)
  const why = parsed ? null : explainAddress(text)
  if (!parsed) throw new Refusal('invalid_address', { text, pointer, ...(why && { why }) })
  return formatAddress(parsed)
}

import type { Database } from '../../../db/database.ts'
import { openLimitBook } from '../../receivers/limit-book.ts'
import { OTHER } from '../../receivers/receiver-seeds.ts'
import type { MxSettings, Route } from '../../routes/route.ts'
import type { Provider } from '../provider.ts'
import { type MxDeps, type MxOptions, MxProvider } from './mx-provider.ts'

export interface OpenMxDeps extends Omit<MxDeps, 'book'> {
  readonly database: Database
  readonly heloName: string
  readonly allowPrivateNetworks: boolean
}

/** A direct route's way to one receiver, or to all that are not known by name, with what it has learned so far. */
export async function openMxProvider(
  route: Pick<Route, 'id' | 'workspaceId' | 'name'>,
  settings: MxSettings,
  receiver: string | null,
  deps: OpenMxDeps,
): Promise<Provider> {
  const book = await openLimitBook(deps, route.workspaceId, route.id)
  return new MxProvider(toMxOptions(route.name, settings, receiver, deps), { ...deps, book })
}

function toMxOptions(name: string, settings: MxSettings, receiver: string | null, deps: OpenMxDeps): MxOptions {
  return {
    name,
    receiver: receiver ?? OTHER,
    port: settings.port,
    heloName: settings.helo_name ?? deps.heloName,
    sourceAddresses: settings.source_addresses,
    allowPrivate: settings.allow_private || deps.allowPrivateNetworks,
    ca: null,
  }
}

import { actorReference } from '../../accounts/actor.ts'
import { findOrRefuse } from '../../workflows/drafts.ts'
import { addressesOf, changeAddress, type ShownAddress } from '../../workflows/triggers/addresses.ts'
import type { ServerDeps } from '../deps.ts'
import { changeWorkflowAddress, listWorkflowAddresses } from '../endpoints/workflow-addresses.ts'
import { type Route, route } from '../route.ts'

export function workflowAddressRoutes({ secrets, url }: Pick<ServerDeps, 'secrets' | 'url'>): Route[] {
  const toWire = ({ node, name, path, isListening }: ShownAddress) => ({
    ...{ node, name, url: `${url}${path}`, is_listening: isListening },
  })
  return [
    route(listWorkflowAddresses, async ({ tx, params, actor }) => {
      const found = await addressesOf(tx, secrets, await findOrRefuse(tx, actor.workspaceId, params.id))
      return { items: found.map(toWire), next: null }
    }),
    route(changeWorkflowAddress, async ({ tx, params, actor, now }) => {
      const workflow = await findOrRefuse(tx, actor.workspaceId, params.id)
      return toWire(await changeAddress(tx, secrets, workflow, params.node, actorReference(actor), now))
    }),
  ]
}

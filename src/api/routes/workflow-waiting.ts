import { findOrRefuse } from '../../workflows/drafts.ts'
import { waitingStartsOf } from '../../workflows/reading/waiting.ts'
import { listWaitingStarts } from '../endpoints/workflow-waiting.ts'
import { type Route, route } from '../route.ts'
import { toWaitingStart } from '../wire/workflow-waiting.ts'

export function workflowWaitingRoutes(): Route[] {
  return [
    route(listWaitingStarts, async ({ tx, params, actor }) => {
      const { id } = await findOrRefuse(tx, actor.workspaceId, params.id)
      return { items: (await waitingStartsOf(tx, actor.workspaceId, id)).map(toWaitingStart), next: null }
    }),
  ]
}

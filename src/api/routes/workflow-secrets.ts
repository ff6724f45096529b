import { actorReference } from '../../accounts/actor.ts'
import { listSecrets, removeSecret, saveSecret } from '../../workflows/requests/secrets.ts'
import type { ServerDeps } from '../deps.ts'
import { listWorkflowSecrets, removeWorkflowSecret, saveWorkflowSecret } from '../endpoints/workflow-secrets.ts'
import { type Route, route } from '../route.ts'

export function workflowSecretRoutes({ secrets }: Pick<ServerDeps, 'secrets'>): Route[] {
  return [
    route(listWorkflowSecrets, async ({ tx, actor }) => {
      const found = await listSecrets(tx, actor.workspaceId)
      return { items: found.map(({ name, changedAt }) => ({ name, changed_at: changedAt })), next: null }
    }),
    route(saveWorkflowSecret, async ({ tx, body, actor, now }) => {
      await saveSecret(tx, secrets, actor.workspaceId, body, actorReference(actor), now)
      return { name: body.name, changed_at: now }
    }),
    route(removeWorkflowSecret, ({ tx, params, actor, now }) =>
      removeSecret(tx, actor.workspaceId, params.name, actorReference(actor), now),
    ),
  ]
}

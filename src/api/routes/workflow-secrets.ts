import { actorReference } from '../../accounts/actor.ts'
import { listUsedSecrets, removeSecret, saveSecret, type UsedSecret } from '../../workflows/requests/secrets.ts'
import type { ServerDeps } from '../deps.ts'
import {
  listWorkflowSecrets,
  removeWorkflowSecret,
  saveWorkflowSecret,
  type WorkflowSecret,
} from '../endpoints/workflow-secrets.ts'
import { type Route, route } from '../route.ts'

export function workflowSecretRoutes({ secrets }: Pick<ServerDeps, 'secrets'>): Route[] {
  return [
    route(listWorkflowSecrets, async ({ tx, actor }) => {
      return { items: (await listUsedSecrets(tx, actor.workspaceId)).map(toWire), next: null }
    }),
    route(saveWorkflowSecret, async ({ tx, body, actor, now }) => {
      await saveSecret(tx, secrets, actor.workspaceId, body, actorReference(actor), now)
      const uses = (await listUsedSecrets(tx, actor.workspaceId)).find(({ name }) => name === body.name)?.uses ?? []
      return toWire({ name: body.name, changedAt: now, uses })
    }),
    route(removeWorkflowSecret, ({ tx, params, actor, now }) =>
      removeSecret(tx, actor.workspaceId, params.name, actorReference(actor), now),
    ),
  ]
}

function toWire({ name, changedAt, uses }: UsedSecret): WorkflowSecret {
  return {
    ...{ name, changed_at: changedAt },
    used_by: uses.map(({ workflowId, workflow, isRemoved, inDraft, inPublished, inOlder }) => ({
      workflow: { id: workflowId, name: workflow, is_removed: isRemoved },
      places: [
        ...(inDraft ? ['draft' as const] : []),
        ...(inPublished ? ['published' as const] : []),
        ...(inOlder ? ['older' as const] : []),
      ],
    })),
  }
}

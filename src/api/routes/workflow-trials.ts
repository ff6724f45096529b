import { Refusal } from '../../errors.ts'
import type { Values } from '../../workflows/interpret/state.ts'
import { compareDraft, simulateDraft, tryDraft } from '../../workflows/trials.ts'
import type { ServerDeps } from '../deps.ts'
import { compareWorkflow, simulateWorkflow, tryWorkflow } from '../endpoints/workflow-trials.ts'
import { type Route, route } from '../route.ts'
import { asJson } from '../wire/workflows.ts'

export function workflowTrialRoutes({
  database,
  workflows: tools,
  clock,
}: Pick<ServerDeps, 'database' | 'workflows' | 'clock'>): Route[] {
  const deps = { database, tools, random: Math.random, monotonicMs: () => clock.monotonicMs() }
  return [
    route(tryWorkflow, async ({ params, body, actor, now }) => {
      const { happening, tried } = await tryDraft(
        deps,
        actor,
        params.id,
        {
          ...{ draft: body.draft ? asJson(body.draft) : null, trigger: body.trigger ?? null, ways: body.ways ?? {} },
          ...{ conversationId: body.conversation_id ?? null, contactId: body.contact_id ?? null },
          ...{ payload: (body.payload ?? {}) as Values, inputs: (body.inputs ?? {}) as Values },
        },
        now,
      )
      const { status = null, visits = {}, vars = {}, outputs = {} } = tried?.holds ? tried.state : {}
      return {
        happened: happening && { kind: happening.kind, facts: { ...happening.facts } },
        begins: tried?.holds ?? false,
        sentence:
          happening === null
            ? 'Nothing that it listens for has happened there.'
            : tried?.holds
              ? 'It begins.'
              : 'Its conditions are not met.',
        trace: tried?.trace ?? null,
        ...{ status, visits: { ...visits }, vars: { ...vars }, outputs: { ...outputs }, is_cut: tried?.isCut ?? false },
        lines: (tried?.lines ?? []).map(({ node, visit, what, port, sentence, detail }) => ({
          ...{ node, visit, what, port, sentence, detail: { ...detail } },
        })),
        stands: (tried?.tokens ?? []).map(({ token, waitsFor, ports }) => ({
          ...{ node: token.node, state: token.state, until: token.dueAt },
          sentence: token.trouble?.sentence ?? waitsFor ?? '',
          ports: ports.map(({ key, label, isFailure = false }) => ({ key, label, is_failure: isFailure })),
        })),
      }
    }),
    route(simulateWorkflow, async ({ params, body, actor, now }) => {
      const draft = body.draft ? asJson(body.draft) : null
      const { looked, wouldBegin, isPartial, first } = await simulateDraft(deps, actor, params.id, draft, now)
      return {
        ...{ looked, would_begin: wouldBegin, is_partial: isPartial },
        first: first.map(({ at, node, holds, trace, subject }) => ({ at, trigger: node, begins: holds, trace, subject })),
      }
    }),
    route(compareWorkflow, async ({ tx, params, body, actor }) => {
      const draft = body.draft ? asJson(body.draft) : null
      const compared = await compareDraft(tx, actor.workspaceId, params.id, draft, body.version_id ?? null)
      if (!compared) throw new Refusal('not_found', { what: 'version' })
      return { differences: compared.differences.map((one) => ({ ...one })), blockers: [...compared.blockers] }
    }),
  ]
}

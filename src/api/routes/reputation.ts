import { readReputation } from '../../insight/reputation/read-reputation.ts'
import { getReputation } from '../endpoints/reputation.ts'
import { type Route, route } from '../route.ts'

export function reputationRoutes(): Route[] {
  return [
    route(getReputation, async ({ tx, actor }) => {
      const { findings, changes } = await readReputation(tx, actor.workspaceId)
      return {
        items: findings.map((found) => ({
          subject_kind: found.subjectKind,
          subject: found.subject,
          subject_name: found.subjectName,
          check: found.checkId,
          check_name: found.checkName,
          route_id: found.routeId,
          state: found.state,
          sentence: found.sentence,
          hint: found.hint,
          evidence: { ...found.evidence },
          since: found.since,
          checked_at: found.checkedAt,
        })),
        changes: changes.map(({ subjectKind, subject, subjectName, checkName, state, sentence, at }) => ({
          subject_kind: subjectKind,
          subject,
          subject_name: subjectName,
          check_name: checkName,
          state,
          sentence,
          at,
        })),
      }
    }),
  ]
}

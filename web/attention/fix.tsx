import type { Incident } from '../../src/api/endpoints/incidents.ts'
import { listIncidents } from '../../src/api/endpoints/incidents.ts'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { listRoutes, probeRoute } from '../../src/api/endpoints/routes.ts'
import { decideHeldEvidence, listSuppressions } from '../../src/api/endpoints/suppressions.ts'
import { enableWebhook, listWebhooks } from '../../src/api/endpoints/webhooks.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { toast } from '../ui/toasts.tsx'
import { HeldFix } from '../workflows/runs/held-panel.tsx'

const CHANGES = [listIncidents, getQueues]

/** What puts it right, as far as one click can; beside it the way to where it can be looked at. */
export function Fix({ incident }: { incident: Incident }) {
  const { kind, subject, evidence } = incident
  const me = useMe()
  const mail = mailOf(kind, subject)
  if (subject === null) return mail
  if (kind === 'workflow.held') return <HeldFix incident={incident} />
  const isElsewhere = subject.kind === 'inbox' && !me.permissions.includes('inboxes.manage')
  const href = isPlace(evidence.link) ? evidence.link : isElsewhere ? null : placeOf(subject)
  return (
    <>
      {kind === 'route.stopped' && <Probe id={subject.id as Id<'route'>} />}
      {kind === 'webhook.disabled' && <Enable id={subject.id as Id<'webhook_endpoint'>} />}
      {kind === 'suppression.storm' && <Decide domain={subject.id} />}
      {mail}
      {href && <AppLink href={href}>{subject.kind === 'inbox' ? t.attention.inboxSettings : t.attention.look}</AppLink>}
    </>
  )
}

/** Of what is wrong with mail that came in: where that mail lies. */
function mailOf(kind: string, subject: Incident['subject']) {
  const inbox = encodeURIComponent(subject?.id ?? 'none')
  if (kind === 'inbound.quarantined') return <AppLink href={`/quarantine?inbox=${inbox}`}>{t.attention.quarantine}</AppLink>
  if (kind === 'inbound.no_match')
    return <AppLink href={`/arrivals?inbox=${inbox}&reason=update_only_no_match`}>{t.attention.noMatch}</AppLink>
  return null
}

/** Some incidents know better than their subject where they can be looked at. */
function isPlace(link: unknown): link is string {
  return typeof link === 'string' && /^\/[a-z]/.test(link)
}

function placeOf({ kind, id }: { readonly kind: string; readonly id: string }): string | null {
  switch (kind) {
    case 'route':
      return `/routes/${encodeURIComponent(id)}`
    case 'webhook':
      return `/webhooks/${encodeURIComponent(id)}`
    case 'recipient_domain':
      return '/suppressions'
    case 'domain':
      return `/domains/${encodeURIComponent(id)}`
    case 'receiver':
      return `/receivers/${encodeURIComponent(id)}`
    case 'inbox':
      return `/settings/inboxes/${encodeURIComponent(id)}`
    case 'workflow':
      return `/workflows/${encodeURIComponent(id)}`
    case 'canary':
    case 'mailbox':
      return '/canaries'
    default:
      return null
  }
}

function Probe({ id }: { id: Id<'route'> }) {
  const probe = useAction(probeRoute, { changes: [...CHANGES, listRoutes], onDone: () => toast('good', t.attention.probed) })
  return (
    <ActButton
      size="compact-sm"
      because={whyNot(useMe(), 'routes.manage')}
      loading={probe.isPending}
      onClick={() => probe.mutate({ params: { id } })}
    >
      {t.attention.probe}
    </ActButton>
  )
}

function Enable({ id }: { id: Id<'webhook_endpoint'> }) {
  const enable = useAction(enableWebhook, {
    changes: [...CHANGES, listWebhooks],
    onDone: () => toast('good', t.attention.enabled),
  })
  return (
    <ActButton
      size="compact-sm"
      because={whyNot(useMe(), 'webhooks.manage')}
      loading={enable.isPending}
      onClick={() => enable.mutate({ params: { id } })}
    >
      {t.attention.enable}
    </ActButton>
  )
}

function Decide({ domain }: { domain: string }) {
  const because = whyNot(useMe(), 'suppressions.manage')
  const decide = useAction(decideHeldEvidence, {
    changes: [...CHANGES, listSuppressions],
    onDone: ({ addresses, taken_off }) => toast('good', t.suppressions.decided(addresses, taken_off)),
  })
  return (
    <>
      {(['discard', 'suppress'] as const).map((decision) => (
        <ActButton
          key={decision}
          size="compact-sm"
          variant={decision === 'discard' ? 'filled' : 'default'}
          because={because}
          loading={decide.isPending && decide.variables?.body?.decision === decision}
          onClick={() => decide.mutate({ params: { domain }, body: { decision } })}
        >
          {decision === 'discard' ? t.attention.discard : t.attention.suppressAll}
        </ActButton>
      ))}
    </>
  )
}

import { CircleCheck, CircleSlash, TriangleAlert } from 'lucide-react'
import type { Webhook } from '../../src/api/endpoints/webhooks.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'

export function WebhookBadge({ webhook: { state, failing_since } }: { webhook: Webhook }) {
  if (state === 'disabled') return <Badge tone="bad" icon={CircleSlash} label={t.webhooks.states.disabled} />
  if (failing_since) return <Badge tone="care" icon={TriangleAlert} label={t.webhooks.states.failing} />
  return <Badge tone="good" icon={CircleCheck} label={t.webhooks.states.enabled} />
}

import { t } from '../texts/texts.ts'
import { ShownOnce } from '../ui/shown-once.tsx'

export function ShownSecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <ShownOnce
      title={t.webhooks.secretTitle}
      lead={t.webhooks.secret}
      secret={secret}
      testId="webhook-secret"
      copyLabel={t.webhooks.copySecret}
      kept={t.webhooks.kept}
      onClose={onClose}
    />
  )
}

import { Button, Select, Textarea } from '@mantine/core'
import { useState } from 'react'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { startWarmUp } from '../../src/api/endpoints/routing.ts'
import { DEFAULT_CURVE } from '../../src/delivery/pace/warm-up.ts'
import type { Id } from '../../src/lib/ids.ts'
import { receiverChoices, receiverName } from '../parts/receiver-name.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { capsOf } from './caps.ts'
import styles from './limits.module.css'
import { WARM_UP_CHANGES } from './warm-ups.tsx'

interface Props {
  readonly nameOf: (routeId: string) => string
  readonly onClose: () => void
}

export function StartWarmUp({ nameOf, onClose }: Props) {
  // The sandbox keeps what it is given: there is no reputation to earn.
  const routes = useEndpoint(listRoutes, {}).data?.items.filter(({ kind }) => kind !== 'sandbox') ?? []
  const [routeId, setRouteId] = useState<string | null>(null)
  const [receiver, setReceiver] = useState('')
  const [which, setWhich] = useState<'usual' | 'own'>('usual')
  const [text, setText] = useState(DEFAULT_CURVE.join(', '))
  const [missing, setMissing] = useState(false)
  const name = t.warmUps.of(routeId === null ? '' : nameOf(routeId), receiver === '' ? null : receiverName(receiver))
  const start = useAction(startWarmUp, {
    quiet: true,
    changes: WARM_UP_CHANGES,
    onDone: () => {
      toast('good', t.warmUps.started(name))
      onClose()
    },
  })
  const errors = errorsFor(start.error, ['/daily_caps'])
  const caps = which === 'own' ? capsOf(text) : [...DEFAULT_CURVE]
  function submit() {
    setMissing(routeId === null)
    if (routeId === null || caps === null) return
    const params = { route: routeId as Id<'route'>, ...(receiver !== '' && { receiver }) }
    start.mutate({ params, body: which === 'own' ? { daily_caps: caps } : {} })
  }
  return (
    <Dialog title={t.warmUps.startTitle} onClose={onClose}>
      <Form problem={errors.rest} onSubmit={submit}>
        <Select
          label={t.warmUps.route}
          data={routes.map(({ id, name }) => ({ value: id, label: name }))}
          value={routeId}
          error={missing && t.warmUps.needsRoute}
          data-autofocus
          required
          onChange={setRouteId}
        />
        <Select
          label={t.warmUps.receiver}
          description={t.warmUps.receiverHint}
          searchable
          allowDeselect={false}
          data={[{ value: '', label: t.warmUps.allReceivers }, ...receiverChoices()]}
          value={receiver}
          onChange={(value) => setReceiver(value ?? '')}
        />
        <ChoiceCards
          label={t.warmUps.which}
          name="curve"
          value={which}
          choices={(['usual', 'own'] as const).map((value) => ({ value, ...t.warmUps[value] }))}
          onChange={setWhich}
        />
        {which === 'own' && (
          <Textarea
            label={t.warmUps.caps}
            description={t.warmUps.capsHint}
            value={text}
            error={errors.of('/daily_caps') ?? (caps === null && t.warmUps.capsWrong)}
            rows={3}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <p className={styles.said} role="status">
          {caps !== null &&
            t.warmUps.sum(
              caps.length,
              caps.reduce((sum, cap) => sum + cap, 0),
            )}{' '}
          {t.warmUps.again}
        </p>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={start.isPending}>
            {t.warmUps.startAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

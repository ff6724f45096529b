import { Autocomplete, Button, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { listDomains } from '../../src/api/endpoints/domains.ts'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { addLimit, changeLimit, type Limit } from '../../src/api/endpoints/routing.ts'
import { PACE_PERIODS, type PacePeriod } from '../../src/delivery/pace/gcra.ts'
import type { Id } from '../../src/lib/ids.ts'
import { receiverChoices } from '../parts/receiver-name.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './limits.module.css'
import { LIMIT_CHANGES } from './limits.tsx'
import { amountOf, evenly, whatOf } from './pace-words.ts'

interface Props {
  /** Null: a new one. */
  readonly limit: Limit | null
  readonly nameOf: (routeId: string) => string
  readonly onClose: () => void
}

const SCOPES = ['workspace', 'route', 'from_domain', 'receiver'] as const satisfies readonly Limit['scope'][]

export interface LimitDraft {
  readonly scope: Limit['scope']
  readonly subject: string
  /** Of a receiver: '' for every route together. */
  readonly routeId: string
  readonly amount: number | ''
  readonly per: PacePeriod
}

const EMPTY: LimitDraft = { scope: 'receiver', subject: '', routeId: '', amount: 35, per: 'hour' }

/** Says while it is typed what the number means evenly. What a limit is of stays; only how many can be changed. */
export function LimitDialog({ limit, nameOf, onClose }: Props) {
  const [draft, setDraft] = useState<LimitDraft>(limit ? { ...EMPTY, amount: limit.amount, per: limit.per } : EMPTY)
  const set = (change: Partial<LimitDraft>) => setDraft((before) => ({ ...before, ...change }))
  const done = {
    quiet: true,
    changes: LIMIT_CHANGES,
    onDone: () => {
      toast('good', t.limits.saved)
      onClose()
    },
  }
  const add = useAction(addLimit, done)
  const change = useAction(changeLimit, done)
  const errors = errorsFor(add.error ?? change.error, ['/subject', '/amount', '/per'])
  const pace = draft.amount === '' || draft.amount < 1 ? null : { amount: draft.amount, per: draft.per }

  function submit() {
    const amount = draft.amount === '' ? 0 : draft.amount
    if (limit) change.mutate({ params: { id: limit.id }, body: { amount } })
    else add.mutate({ body: { ...subjectOf(draft), amount, per: draft.per } })
  }
  return (
    <Dialog title={limit ? t.limits.titleEdit : t.limits.titleNew} onClose={onClose}>
      <Form problem={errors.rest} onSubmit={submit}>
        {limit ? <p>{whatOf(limit, nameOf)}</p> : <SubjectFields draft={draft} set={set} error={errors.of('/subject')} />}
        <FormRow half>
          <NumberInput
            label={t.limits.how}
            value={draft.amount}
            error={errors.of('/amount')}
            min={1}
            max={100_000_000}
            allowDecimal={false}
            thousandSeparator=","
            data-autofocus={limit ? true : undefined}
            onChange={(amount) => set({ amount: typeof amount === 'number' ? amount : '' })}
          />
          <Select
            label={t.limits.per}
            data={PACE_PERIODS.map((value) => ({ value, label: t.limits.pers[value] }))}
            value={draft.per}
            error={errors.of('/per')}
            disabled={limit !== null}
            allowDeselect={false}
            onChange={(per) => set({ per: (per as PacePeriod | null) ?? 'hour' })}
          />
        </FormRow>
        <p className={styles.said} role="status">
          {pace && t.limits.means(amountOf(pace), evenly(pace))}
        </p>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={add.isPending || change.isPending}>
            {limit ? t.limits.save : t.limits.addAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

interface SubjectProps {
  readonly draft: LimitDraft
  readonly set: (change: Partial<LimitDraft>) => void
  readonly error: string | undefined
}

function SubjectFields({ draft, set, error }: SubjectProps) {
  const routes = useEndpoint(listRoutes, {}).data?.items ?? []
  const domains = useEndpoint(listDomains, {}).data?.items ?? []
  const choices = routes.map(({ id, name }) => ({ value: id as string, label: name }))
  return (
    <>
      <Select
        label={t.limits.whose}
        data={SCOPES.map((value) => ({ value, label: t.limits.scopes[value] }))}
        value={draft.scope}
        allowDeselect={false}
        data-autofocus
        onChange={(scope) => set({ scope: (scope as Limit['scope'] | null) ?? 'receiver', subject: '', routeId: '' })}
      />
      {draft.scope === 'route' && (
        <Select
          label={t.limits.route}
          data={choices}
          value={draft.subject || null}
          error={error}
          required
          onChange={(subject) => set({ subject: subject ?? '' })}
        />
      )}
      {draft.scope === 'from_domain' && (
        <Autocomplete
          label={t.limits.domain}
          data={domains.map(({ name }) => name)}
          value={draft.subject}
          error={error}
          spellCheck={false}
          required
          onChange={(subject) => set({ subject })}
        />
      )}
      {draft.scope === 'receiver' && (
        <FormRow half>
          <Select
            label={t.limits.receiver}
            searchable
            data={receiverChoices()}
            value={draft.subject || null}
            error={error}
            required
            onChange={(subject) => set({ subject: subject ?? '' })}
          />
          <Select
            label={t.limits.onRoute}
            allowDeselect={false}
            data={[{ value: '', label: t.limits.everyRoute }, ...choices]}
            value={draft.routeId}
            onChange={(routeId) => set({ routeId: routeId ?? '' })}
          />
        </FormRow>
      )}
    </>
  )
}

function subjectOf({ scope, subject, routeId }: LimitDraft) {
  return {
    scope,
    ...(scope !== 'workspace' && { subject: subject.trim().toLowerCase() }),
    ...(scope === 'receiver' && routeId !== '' && { route_id: routeId as Id<'route'> }),
  }
}

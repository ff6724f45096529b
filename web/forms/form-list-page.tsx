import { Button, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { CircleDashed, Lock, type LucideIcon, Plus, Radio } from 'lucide-react'
import { useState } from 'react'
import { createForm, type FormSummary, listForms } from '../../src/api/endpoints/forms.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { number } from '../ui/format.ts'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import type { Tone } from '../ui/tone.ts'
import styles from './forms.module.css'

export function FormListPage() {
  const [isAdding, setAdding] = useState(false)
  const list = usePages(listForms, {})
  const because = whyNot(useMe(), 'campaigns.manage')
  const add = (
    <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
      {t.forms.add}
    </ActButton>
  )
  return (
    <Page title={t.forms.title} lead={t.forms.lead} shape="filled" acts={add}>
      <Listed list={list} />
      {isAdding && <AddForm onClose={() => setAdding(false)} />}
    </Page>
  )
}

type List = ReturnType<typeof usePages<typeof listForms>>

function Listed({ list }: { readonly list: List }) {
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={6} />
  if (list.items.length === 0) return <EmptyState title={t.forms.emptyTitle} sentence={t.forms.empty} />
  return <Rows list={list} />
}

function Rows({ list }: { readonly list: List }) {
  const navigate = useNavigate()
  const names = t.forms.columns
  const joined = ({ submissions }: FormSummary) => submissions.confirmed + submissions.accepted
  return (
    <DataTable
      label={t.forms.title}
      rows={list.items}
      keyOf={({ id }) => id}
      hrefOf={({ id }) => `/forms/${id}`}
      onOpen={({ id }) => void navigate({ to: '/forms/$id', params: { id }, search: {} })}
      columns={[
        { key: 'name', header: names.name, width: 'minmax(180px, 1fr)', cell: ({ name }) => <b>{name}</b> },
        { key: 'state', header: names.state, width: '190px', cell: (form) => <FormState form={form} /> },
        { key: 'joined', header: names.joined, width: '90px', align: 'end', cell: (form) => number(joined(form)) },
        {
          key: 'waiting',
          header: names.waiting,
          width: '120px',
          align: 'end',
          wideOnly: true,
          cell: ({ submissions }) => number(submissions.waiting + submissions.expired),
        },
        {
          key: 'refused',
          header: names.refused,
          width: '90px',
          align: 'end',
          wideOnly: true,
          cell: ({ submissions }) => number(submissions.refused),
        },
        { key: 'changed', header: names.changed, width: '130px', cell: ({ updated_at }) => <Ago at={updated_at} /> },
      ]}
      card={(form) => (
        <span className={styles.who}>
          <b>{form.name}</b>
          <span className={styles.quiet}>
            {t.forms.states[form.state]} · {t.forms.joined(joined(form))}
          </span>
        </span>
      )}
      hasMore={list.hasMore}
      isFetchingMore={list.isFetchingMore}
      more={list.more}
      restoreId="forms"
    />
  )
}

const LOOKS: Readonly<Record<FormSummary['state'], { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  draft: { tone: 'calm', icon: CircleDashed },
  published: { tone: 'good', icon: Radio },
  unpublished: { tone: 'wait', icon: Lock },
}

export function FormState({ form }: { readonly form: Pick<FormSummary, 'state' | 'has_changes'> }) {
  const { tone, icon } = LOOKS[form.state]
  return (
    <span className={styles.acts}>
      <Badge
        tone={tone}
        icon={icon}
        label={form.has_changes ? `${t.forms.states[form.state]} · ${t.forms.hasChanges}` : t.forms.states[form.state]}
      />
    </span>
  )
}

function AddForm({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const create = useAction(createForm, {
    quiet: true,
    changes: [listForms],
    onDone: ({ id }) => void navigate({ to: '/forms/$id', params: { id }, search: {} }),
  })
  const errors = errorsFor(create.error, ['/name'])
  return (
    <Dialog title={t.forms.addTitle} onClose={onClose}>
      <Form onSubmit={() => create.mutate({ body: { name: name.trim() } })} problem={errors.rest}>
        <TextInput
          label={t.forms.name}
          description={t.forms.addHint}
          required
          data-autofocus
          maxLength={100}
          value={name}
          error={errors.of('/name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
            {t.forms.add}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

import { Button, Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  decideWorkflowTask,
  getWorkflowTask,
  listWorkflowTasks,
  type WorkflowTask,
} from '../../src/api/endpoints/workflow-tasks.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'

type Answer = string | number | boolean
type Field = WorkflowTask['fields'][number]

/** The form of a task, and a button for each way to decide. */
export function Decide({ task: { id, fields, decisions } }: { task: WorkflowTask }) {
  const [answers, setAnswers] = useState<Readonly<Record<string, Answer>>>(() => initialOf(fields))
  const [comment, setComment] = useState('')
  const decide = useAction(decideWorkflowTask, {
    changes: [listWorkflowTasks, getWorkflowTask],
    quiet: true,
    onDone: ({ decision }) => toast('good', t.tasks.decided(decisions.find(({ key }) => key === decision)?.label ?? '')),
  })
  const pointers = ['/comment', ...fields.map(({ key }) => `/answers/${key}`)]
  const { of, rest } = errorsFor(decide.error, pointers)
  const send = (decision: string) => decide.mutate({ params: { id }, body: { decision, comment, answers } })
  const chosen = decide.variables?.body.decision
  return (
    <Panel title={t.tasks.decide}>
      <Form onSubmit={() => {}} problem={rest}>
        {fields.map((field) => (
          <AnswerField
            key={field.key}
            field={field}
            value={answers[field.key]}
            error={of(`/answers/${field.key}`)}
            set={(value) => setAnswers((known) => ({ ...known, [field.key]: value }))}
          />
        ))}
        <Textarea
          label={t.tasks.comment}
          description={t.tasks.commentHint}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={5_000}
          value={comment}
          error={of('/comment')}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <FormActs>
          {decisions.map(({ key, label }, index) => (
            <Button
              key={key}
              variant={index === 0 ? 'filled' : 'default'}
              loading={decide.isPending && chosen === key}
              disabled={decide.isPending && chosen !== key}
              onClick={() => send(key)}
            >
              {label}
            </Button>
          ))}
        </FormActs>
      </Form>
    </Panel>
  )
}

/** What stands in the fields at first: whoever decides may leave it or write it anew. */
function initialOf(fields: readonly Field[]): Readonly<Record<string, Answer>> {
  return Object.fromEntries(
    fields.flatMap(({ key, type, initial }): [string, Answer][] => {
      if (initial === null || initial === '') return []
      if (type === 'yes_no') return [[key, ['yes', 'true', 'on', '1'].includes(initial.trim().toLowerCase())]]
      return [[key, type === 'number' && Number.isFinite(Number(initial)) ? Number(initial) : initial]]
    }),
  )
}

interface FieldProps {
  readonly field: Field
  readonly value: Answer | undefined
  readonly error: string | undefined
  readonly set: (value: Answer) => void
}

function AnswerField({ field: { label, type, choices, required }, value, error, set }: FieldProps) {
  const usual = { label, error, required }
  const text = value === undefined ? '' : String(value)
  switch (type) {
    case 'yes_no':
      return (
        <Checkbox label={label} error={error} checked={value === true} onChange={(event) => set(event.currentTarget.checked)} />
      )
    case 'number':
      return <NumberInput {...usual} value={typeof value === 'boolean' ? '' : (value ?? '')} onChange={set} />
    case 'choice':
      return (
        <Select
          {...usual}
          placeholder={t.tasks.choose}
          clearable={!required}
          data={choices}
          value={text === '' ? null : text}
          onChange={(next) => set(next ?? '')}
        />
      )
    case 'date':
      return <TextInput {...usual} type="date" value={text} onChange={(event) => set(event.currentTarget.value)} />
    case 'long_text':
      return (
        <Textarea
          {...usual}
          autosize
          minRows={3}
          maxRows={14}
          value={text}
          onChange={(event) => set(event.currentTarget.value)}
        />
      )
    case 'text':
      return <TextInput {...usual} value={text} onChange={(event) => set(event.currentTarget.value)} />
  }
}

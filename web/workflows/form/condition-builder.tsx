import { Button, MultiSelect, NumberInput, Select, TagsInput, TextInput } from '@mantine/core'
import { Plus } from 'lucide-react'
import {
  ALWAYS,
  type Condition,
  type FieldType,
  groupOf,
  OPERATOR_NAMES,
  OPERATORS,
  type Operator,
  type Row,
} from '../../../src/workflows/definition/condition.ts'
import { fieldOf } from '../../../src/workflows/definition/fields.ts'
import type { Json } from '../../../src/workflows/definition/graph.ts'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import styles from './form.module.css'
import { type KnownField, knownFields } from './known-fields.ts'
import { LengthField } from './length.tsx'
import { Drop } from './nested.tsx'
import { choiceLabel } from './words.ts'

interface Props {
  readonly label: string
  readonly value: Condition | undefined
  readonly isRequired: boolean
  readonly hint?: string | undefined
  readonly onChange: (value: Json | undefined) => void
}

type How = 'all' | 'any' | 'none'
const HOWS: readonly How[] = ['all', 'any', 'none']
const WITHOUT_VALUE: readonly Operator[] = ['is_true', 'is_false', 'is_set', 'is_empty']
const OF_MANY: readonly Operator[] = ['is_any_of', 'is_none_of', 'has_any_of']

/** Rows of field, operator and value, in groups within groups. A single row is a group of one while it is looked at. */
export function ConditionField({ label, value, isRequired, hint, onChange }: Props) {
  const condition = value ?? ALWAYS
  const group = groupOf(condition) === null ? { all: [condition] } : condition
  const told = (next: Condition) => {
    const isEmpty = (groupOf(next)?.of.length ?? 1) === 0
    onChange(isEmpty && !isRequired ? undefined : (next as Json))
  }
  return (
    <fieldset className={styles.condition}>
      <legend>{label}</legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      <Group condition={group} onChange={told} />
    </fieldset>
  )
}

function Group({ condition, onChange }: { condition: Condition; onChange: (next: Condition) => void }) {
  const { editor, references } = useDrawing()
  const { how, of } = groupOf(condition) ?? { how: 'all' as const, of: [] }
  const says = t.workflows.condition
  const fields = knownFields(editor.graph, references)
  const say = (next: readonly Condition[], as: How = how) => onChange({ [as]: next } as unknown as Condition)
  const fresh = (): Row => freshRow(fields[0])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look and a minimal width of its own
    <div className={styles.group} role="group" aria-label={says.ops[how]}>
      {(of.length > 1 || how !== 'all') && (
        <Select
          aria-label={says.op}
          size="xs"
          data={HOWS.map((one) => ({ value: one, label: says.ops[one] }))}
          value={how}
          allowDeselect={false}
          onChange={(as) => as && say(of, as as How)}
        />
      )}
      {of.length === 0 && <p className={styles.quiet}>{says.empty}</p>}
      {of.map((one, at) => {
        const put = (next: Condition) => say(of.map((old, i) => (i === at ? next : old)))
        const drop = () => say(of.filter((_, i) => i !== at))
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and stay in their order
          <div key={at}>
            {at > 0 && <span className={styles.joint}>{says.joints[how]}</span>}
            {groupOf(one) === null ? (
              <RowFields row={one as Row} fields={fields} onChange={put} onDrop={drop} />
            ) : (
              <div className={styles.row}>
                <Group condition={one} onChange={put} />
                <Drop label={says.removeGroup} onClick={drop} />
              </div>
            )}
          </div>
        )
      })}
      <div className={styles.adds}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={13} aria-hidden />}
          onClick={() => say([...of, fresh()])}
        >
          {says.addRow}
        </Button>
        {of.length > 0 && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Plus size={13} aria-hidden />}
            onClick={() => say([...of, { [how === 'any' ? 'all' : 'any']: [fresh()] } as unknown as Condition])}
          >
            {says.addGroup}
          </Button>
        )}
      </div>
    </div>
  )
}

function freshRow(field: KnownField | undefined): Row {
  if (field === undefined) return { field: 'event.type', op: 'is_set' }
  return { field: field.name, op: operatorsOf(field.type)[0] ?? 'is_set' }
}

function operatorsOf(type: FieldType): Operator[] {
  return OPERATOR_NAMES.filter((name) => (OPERATORS[name] as readonly FieldType[]).includes(type))
}

interface RowProps {
  readonly row: Row
  readonly fields: readonly KnownField[]
  readonly onChange: (row: Row) => void
  readonly onDrop: () => void
}

function RowFields({ row, fields, onChange, onDrop }: RowProps) {
  const { editor } = useDrawing()
  const says = t.workflows.condition
  const known = fields.find((one) => one.name === row.field) ?? fieldOf(row.field, editor.graph, null)
  const type = known?.type ?? 'text'
  const groups = [...new Set(fields.map((one) => one.group))]
  const data = groups.map((group) => ({
    group: t.workflows.form.fieldGroups[group],
    items: fields.filter((one) => one.group === group).map(({ name, label }) => ({ value: name, label })),
  }))
  const all = fields.some((one) => one.name === row.field)
    ? data
    : [...data, { group: '…', items: [{ value: row.field, label: row.field }] }]
  function choose(name: string | null) {
    const to = fields.find((one) => one.name === name)
    if (to)
      onChange(
        operatorsOf(to.type).includes(row.op) && to.type === type && !to.of && !to.options
          ? { ...row, field: to.name }
          : freshRow(to),
      )
  }
  return (
    <div className={styles.conditionRow}>
      <div className={styles.inputs}>
        <Select aria-label={says.field} data={all} value={row.field} searchable allowDeselect={false} onChange={choose} />
        <Select
          aria-label={says.operator}
          data={operatorsOf(type).map((op) => ({ value: op, label: says.operators[op] }))}
          value={row.op}
          allowDeselect={false}
          onChange={(op) => op && onChange(withOperator(row, op as Operator))}
        />
        {!WITHOUT_VALUE.includes(row.op) && <Value row={row} of={known} type={type} onChange={onChange} />}
      </div>
      <Drop label={says.removeRow} onClick={onDrop} />
    </div>
  )
}

/** What a workspace calls its own choices is theirs to write. */
function isOwn(field: string): boolean {
  return field.startsWith('conversation.fields.') || field.startsWith('contact.data.')
}

function withOperator({ value, ...row }: Row, op: Operator): Row {
  if (WITHOUT_VALUE.includes(op)) return { ...row, op }
  const isMany = OF_MANY.includes(op)
  if (isMany === Array.isArray(value)) return value === undefined ? { ...row, op } : { ...row, op, value }
  return isMany ? { ...row, op, value: value === undefined ? [] : [value] } : { ...row, op }
}

function Value({
  row,
  of,
  type,
  onChange,
}: {
  row: Row
  of: { readonly options?: readonly string[]; readonly of?: string } | null
  type: FieldType
  onChange: (row: Row) => void
}) {
  const { references } = useDrawing()
  const label = t.workflows.condition.value
  const told = (value: Json) => onChange({ ...row, value })
  const choices =
    of?.options?.map((value) => ({ value, label: isOwn(row.field) ? value : choiceLabel(row.field, value) })) ??
    references[of?.of as keyof typeof references]
  const text = typeof row.value === 'string' ? row.value : ''
  if (OF_MANY.includes(row.op)) {
    const list = Array.isArray(row.value) ? row.value.map(String) : []
    return choices ? (
      <MultiSelect aria-label={label} data={[...choices]} value={list} searchable onChange={told} />
    ) : (
      <TagsInput aria-label={label} value={list} onChange={told} />
    )
  }
  if (row.op === 'older_than' || row.op === 'younger_than')
    return (
      <LengthField
        schema={{}}
        label={label}
        path=""
        value={row.value}
        isRequired
        errorOf={() => undefined}
        onChange={(said) => told(said ?? '')}
      />
    )
  if (choices)
    return (
      <Select aria-label={label} data={[...choices]} value={text || null} searchable onChange={(value) => told(value ?? '')} />
    )
  if (type === 'number')
    return (
      <NumberInput aria-label={label} value={typeof row.value === 'number' ? row.value : ''} onChange={(value) => told(value)} />
    )
  return (
    <TextInput
      aria-label={label}
      type={type === 'date' ? 'date' : 'text'}
      value={text}
      onChange={(event) => told(event.currentTarget.value)}
    />
  )
}

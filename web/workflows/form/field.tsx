import { MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Condition } from '../../../src/workflows/definition/condition.ts'
import type { Json } from '../../../src/workflows/definition/graph.ts'
import { REFERENCES, type Reference } from '../../../src/workflows/definition/node-type.ts'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import { isTrigger } from '../edit/ports.ts'
import { ConditionField } from './condition-builder.tsx'
import { AfterField, LengthField } from './length.tsx'
import { ListField, ObjectFields, RecordField, VariantField } from './nested.tsx'
import { CronField, ZoneField } from './schedule.tsx'
import { choicesOf, nullable, type Schema } from './schema.ts'
import { SenderField } from './sender.tsx'
import { choiceLabel } from './words.ts'
import { WrittenField } from './written.tsx'

export interface FieldProps {
  readonly schema: Schema
  readonly label: string
  /** Within the config, as in `arms.0.after`. */
  readonly path: string
  readonly value: Json | undefined
  readonly isRequired: boolean
  readonly errorOf: (path: string) => string | undefined
  /** What helps to fill it in. */
  readonly hint?: string | undefined
  /** Undefined: the field is left out. */
  readonly onChange: (value: Json | undefined) => void
}

export function isReference(role: string | undefined): role is Reference {
  return role !== undefined && (REFERENCES as readonly string[]).includes(role)
}

/** One field of a config, as its schema wants it. */
export function Field(given: FieldProps) {
  const { inner, mayBeNull } = nullable(given.schema)
  const props: FieldProps = { ...given, schema: inner, isRequired: given.isRequired && !mayBeNull }
  const onChange = (value: Json | undefined) => given.onChange(value === undefined && mayBeNull ? null : value)
  const rest = { ...props, onChange }
  if (inner.const !== undefined) return null
  switch (inner.role) {
    case 'condition':
      return (
        <ConditionField
          label={given.label}
          hint={given.hint}
          value={given.value as Condition | undefined}
          isRequired={props.isRequired}
          onChange={onChange}
        />
      )
    case 'after':
      return <AfterField {...rest} mayBeNull={mayBeNull} />
    case 'length':
      return <LengthField {...rest} />
    case 'text':
    case 'html':
    case 'expression':
      return <WrittenField {...rest} />
  }
  if (inner.role === 'sender') return <SenderField {...rest} />
  if (isReference(inner.role)) return <ReferenceField {...rest} kind={inner.role} />
  if (mayBeNull && choicesOf(inner).some((one) => one.role === 'after')) return <AfterField {...rest} mayBeNull />
  if (inner.enum) return <EnumField {...rest} />
  return <OfShape {...rest} />
}

/** What it means that nothing is chosen: a trigger takes anything, a step does nothing about it. */
function useLeftOut(): string {
  const { graph, selected } = useDrawing().editor
  return selected !== null && isTrigger(graph, selected) ? t.workflows.form.anything : t.workflows.form.none
}

function OfShape(props: FieldProps) {
  const { schema, label, path, value, hint, errorOf, onChange } = props
  const choices = choicesOf(schema)
  if (choices.length > 0)
    return choices.every((one) => one.type === 'object') ? <VariantField {...props} /> : <MixedField {...props} />
  switch (schema.type) {
    case 'boolean':
      return (
        <Switch
          label={label}
          description={hint}
          checked={(value ?? schema.default) === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'integer':
    case 'number':
      return (
        <NumberInput
          label={label}
          description={hint ?? limitsOf(schema)}
          {...boundsOf(schema)}
          value={typeof value === 'number' ? value : ((schema.default as number | undefined) ?? '')}
          allowDecimal={schema.type === 'number'}
          error={errorOf(path)}
          onChange={(number) => onChange(typeof number === 'number' ? number : undefined)}
        />
      )
    case 'array':
      return <ArrayField {...props} />
    case 'object':
      return schema.properties === undefined ? (
        <RecordField {...props} />
      ) : (
        <ObjectFields
          schema={schema}
          value={(value ?? {}) as Record<string, Json>}
          path={path}
          errorOf={errorOf}
          onChange={onChange}
        />
      )
    default:
      if (path === 'zone') return <ZoneField {...props} />
      if (path === 'cron') return <CronField {...props} />
      return (
        <TextInput
          label={label}
          description={hint}
          value={typeof value === 'string' ? value : ''}
          maxLength={schema.maxLength}
          error={errorOf(path)}
          onChange={(event) =>
            onChange(event.currentTarget.value === '' && !props.isRequired ? undefined : event.currentTarget.value)
          }
        />
      )
  }
}

/** Bounds that somebody set; those of all numbers say nothing. */
function boundsOf({ minimum, maximum }: Schema): { readonly min?: number; readonly max?: number } {
  const isMeant = (bound: number | undefined): bound is number => bound !== undefined && Math.abs(bound) <= MAX_MEANT
  return { ...(isMeant(minimum) && { min: minimum }), ...(isMeant(maximum) && { max: maximum }) }
}

const MAX_MEANT = 1e12

function limitsOf(schema: Schema): string | undefined {
  const { min, max } = boundsOf(schema)
  if (min === undefined) return undefined
  return max === undefined ? t.workflowForms.atLeast(min) : t.workflowForms.between(min, max)
}

function EnumField({ schema, label, path, value, isRequired, hint, errorOf, onChange }: FieldProps) {
  const left = useLeftOut()
  return (
    <Select
      label={label}
      description={hint}
      data={(schema.enum ?? []).map((one) => ({ value: one, label: choiceLabel(path, one) }))}
      value={typeof value === 'string' ? value : ((schema.default as string | undefined) ?? null)}
      placeholder={left}
      searchable={(schema.enum ?? []).length > 10}
      allowDeselect={!isRequired && schema.default === undefined}
      clearable={!isRequired && schema.default === undefined}
      error={errorOf(path)}
      onChange={(chosen) => onChange(chosen ?? undefined)}
    />
  )
}

/** The id of something, chosen by its name. What has no list here is written. */
function ReferenceField({ kind, label, path, value, isRequired, hint, errorOf, onChange }: FieldProps & { kind: Reference }) {
  const { references, names } = useDrawing()
  const left = useLeftOut()
  const known = references[kind]
  if (known === undefined)
    return (
      <TextInput
        label={label}
        description={hint}
        value={typeof value === 'string' ? value : ''}
        error={errorOf(path)}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    )
  return (
    <Select
      label={label}
      description={known.length === 0 ? <NothingThere kind={kind} hint={hint} /> : hint}
      data={withChosen(known, value, (id) => names.of(kind, id))}
      value={typeof value === 'string' && value !== '' ? value : null}
      placeholder={known.length === 0 ? t.workflows.form.nothingThere : isRequired ? t.workflows.form.choose : left}
      searchable
      clearable={!isRequired}
      allowDeselect={!isRequired}
      error={errorOf(path)}
      onChange={(chosen) => onChange(chosen ?? (isRequired ? '' : undefined))}
    />
  )
}

/** Where what is missing comes to be. */
const PLACES = {
  secret: '/settings/secrets',
  calendar: '/settings/working-hours',
  inbox: '/settings/inboxes',
  team: '/settings/teams',
  field: '/settings/fields',
  label: '/settings/fields',
  list: '/lists',
  contact_field: '/lists',
  segment: '/segments',
  template: '/templates',
  form: '/forms',
  campaign: '/campaigns',
  workflow: '/workflows',
} as const

function NothingThere({ kind, hint }: { kind: Reference; hint: string | undefined }) {
  const says = t.workflowForms
  const to = kind in PLACES ? PLACES[kind as keyof typeof PLACES] : null
  return (
    <>
      {t.workflows.form.nothingThere}. {to !== null && <Link to={to}>{says.make}</Link>} {hint}
    </>
  )
}

function withChosen(known: readonly { value: string; label: string }[], value: Json | undefined, nameOf: (id: string) => string) {
  const chosen = Array.isArray(value) ? (value as string[]) : typeof value === 'string' && value !== '' ? [value] : []
  const missing = chosen.filter((id) => !known.some((one) => one.value === id)).map((id) => ({ value: id, label: nameOf(id) }))
  return [...known, ...missing]
}

function ArrayField(props: FieldProps) {
  const { schema, label, path, value, isRequired, hint, errorOf, onChange } = props
  const { references, names } = useDrawing()
  const left = useLeftOut()
  const items = schema.items ?? {}
  const list = (Array.isArray(value) ? value : []) as Json[]
  const told = (chosen: readonly Json[]) => onChange(chosen.length === 0 && !isRequired ? undefined : [...chosen])
  const error = errorOf(path) ?? errorOf(`${path}.0`)
  const kind = isReference(items.role) ? items.role : null
  const common = { label, description: hint, error, ...(isRequired && { placeholder: t.workflows.form.choose }) }
  if (kind === 'tag')
    return (
      <TagsInput {...common} data={(references.tag ?? []).map((one) => one.value)} value={list as string[]} onChange={told} />
    )
  const known = kind && references[kind]
  if (kind && known)
    return (
      <MultiSelect
        {...common}
        data={withChosen(known, value, (id) => names.of(kind, id))}
        value={list as string[]}
        placeholder={list.length > 0 ? '' : isRequired ? t.workflows.form.choose : left}
        searchable
        onChange={told}
      />
    )
  if (items.type === 'integer')
    return (
      <TagsInput
        {...common}
        value={list.map(String)}
        onChange={(chosen) => told(chosen.map(Number).filter((one) => Number.isInteger(one)))}
      />
    )
  // Addresses and the like, of which each is short.
  if (items.type === 'string' && items.role !== 'expression')
    return <TagsInput {...common} value={list as string[]} splitChars={[',', ';']} onChange={told} />
  return <ListField {...props} />
}

/** A few words that stand for themselves, or a value of another kind: `all`, `any` or a number; `nobody` or somebody. */
function MixedField(props: FieldProps) {
  const { schema, label, path, value, isRequired, hint, errorOf, onChange } = props
  const { references, names } = useDrawing()
  const says = t.workflows.form
  const choices = choicesOf(schema)
  const words = choices.flatMap((one) => (one.const === undefined ? [] : [one.const]))
  const kind = choices.map((one) => one.role).find(isReference)
  const isNumber = choices.some((one) => one.type === 'integer')
  const shown = value ?? schema.default
  const data = [
    ...words.map((word) => ({ value: word, label: choiceLabel(path, word) })),
    ...(kind
      ? withChosen(references[kind] ?? [], words.includes(String(value)) ? undefined : value, (id) => names.of(kind, id))
      : []),
    ...(isNumber ? [{ value: '#', label: says.number }] : []),
  ]
  return (
    <>
      <Select
        label={label}
        description={hint}
        data={data}
        value={typeof shown === 'number' ? '#' : typeof shown === 'string' ? shown : null}
        placeholder={says.anything}
        searchable={data.length > 8}
        clearable={!isRequired && schema.default === undefined}
        allowDeselect={false}
        error={errorOf(path)}
        onChange={(chosen) => onChange(chosen === '#' ? 2 : (chosen ?? undefined))}
      />
      {typeof shown === 'number' && (
        <NumberInput aria-label={says.number} min={1} value={shown} onChange={(n) => typeof n === 'number' && onChange(n)} />
      )}
    </>
  )
}

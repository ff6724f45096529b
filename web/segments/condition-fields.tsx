import { Autocomplete, NumberInput, Select, TextInput } from '@mantine/core'
import { listTagsOfContacts } from '../../src/api/endpoints/contacts.ts'
import { type Condition, STANDING_CHOICES, TEXT_OPERATORS } from '../../src/contacts/segments/segment.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import type { Askable } from './names.ts'
import { SinceField } from './since-field.tsx'
import { operatorsOf } from './what.ts'

interface Props<C extends Condition = Condition> {
  readonly condition: C
  readonly askable: Askable
  readonly onChange: (condition: Condition) => void
}
type Of<Kind extends Condition['kind']> = Props<Extract<Condition, { kind: Kind }>>

/** How a condition compares, and with what. */
export function ConditionFields({ condition, askable, onChange }: Props) {
  const common = { askable, onChange }
  switch (condition.kind) {
    case 'field':
      return <FieldFields condition={condition} {...common} />
    case 'data':
      return <DataFields condition={condition} {...common} />
    case 'address':
      return <AddressFields condition={condition} {...common} />
    case 'tag':
      return <TagField condition={condition} {...common} />
    case 'list':
      return <ListFields condition={condition} {...common} />
    case 'created':
      return (
        <SinceField
          value={condition.since}
          isBefore={condition.when === 'before'}
          mayBeBefore
          onChange={(since, isBefore) => since && onChange({ ...condition, since, when: isBefore ? 'before' : 'after' })}
        />
      )
    case 'activity':
      return <ActivityFields condition={condition} {...common} />
    case 'import':
      return (
        <Select
          aria-label={t.segments.import}
          data={askable.imports.map(({ id, name }) => ({ value: id, label: name }))}
          value={condition.import || null}
          placeholder={t.segments.which}
          searchable
          allowDeselect={false}
          w={240}
          onChange={(id) => id && onChange({ ...condition, import: id })}
        />
      )
  }
}

function FieldFields({ condition, onChange }: Of<'field'>) {
  return (
    <>
      <Select
        aria-label={t.segments.how}
        data={TEXT_OPERATORS.map((op) => ({ value: op, label: t.segments.operators[op] }))}
        value={condition.op}
        allowDeselect={false}
        w={150}
        onChange={(op) => op && onChange({ ...condition, op: op as typeof condition.op })}
      />
      {!condition.op.endsWith('empty') && (
        <Text value={condition.value} onChange={(value) => onChange({ ...condition, value })} />
      )}
    </>
  )
}

function Text({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      aria-label={t.segments.value}
      value={value}
      maxLength={1_000}
      w={200}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

function DataFields({ condition, askable, onChange }: Of<'data'>) {
  const field = askable.fields.find(({ key }) => key === condition.key)
  const nameOf = (op: typeof condition.op) =>
    condition.type === 'date' && (op === 'less' || op === 'more') ? t.segments.dateOperators[op] : t.segments.operators[op]
  function compare(op: typeof condition.op) {
    const isDays = op === 'last_days' || op === 'next_days'
    const wasDays = condition.op === 'last_days' || condition.op === 'next_days'
    onChange({ ...condition, op, ...(isDays !== wasDays && { value: isDays ? 30 : '' }) })
  }
  return (
    <>
      <Select
        aria-label={t.segments.how}
        data={operatorsOf(condition.type).map((op) => ({ value: op, label: nameOf(op) }))}
        value={condition.op}
        allowDeselect={false}
        w={170}
        onChange={(op) => op && compare(op as typeof condition.op)}
      />
      {!condition.op.endsWith('empty') && (
        <DataValue condition={condition} options={field?.options ?? []} onChange={(value) => onChange({ ...condition, value })} />
      )}
    </>
  )
}

interface ValueProps {
  readonly condition: Extract<Condition, { kind: 'data' }>
  readonly options: readonly string[]
  readonly onChange: (value: string | number | boolean) => void
}

function DataValue({ condition: { type, op, value }, options, onChange }: ValueProps) {
  if (type === 'number' || op === 'last_days' || op === 'next_days')
    return (
      <NumberInput
        aria-label={type === 'number' ? t.segments.value : t.segments.days}
        value={typeof value === 'number' ? value : ''}
        w={120}
        onChange={(next) => onChange(typeof next === 'number' ? next : '')}
      />
    )
  if (type === 'boolean')
    return (
      <Select
        aria-label={t.segments.value}
        data={[
          { value: 'true', label: t.segments.yes },
          { value: 'false', label: t.segments.no },
        ]}
        value={String(value)}
        allowDeselect={false}
        w={90}
        onChange={(next) => onChange(next === 'true')}
      />
    )
  if (type === 'choice' || type === 'choices')
    return (
      <Select
        aria-label={t.segments.value}
        data={[...options]}
        value={String(value) || null}
        placeholder={t.segments.which}
        searchable
        allowDeselect={false}
        w={200}
        onChange={(next) => next && onChange(next)}
      />
    )
  if (type === 'date')
    return (
      <TextInput
        type="date"
        aria-label={t.segments.date}
        value={String(value)}
        w={150}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  return <Text value={String(value)} onChange={onChange} />
}

function AddressFields({ condition, onChange }: Of<'address'>) {
  const names = t.segments.addressOperators
  return (
    <>
      <Select
        aria-label={t.segments.how}
        data={(['domain_is', 'contains', 'none'] as const).map((op) => ({ value: op, label: names[op] }))}
        value={condition.op}
        allowDeselect={false}
        w={160}
        onChange={(op) => op && onChange({ ...condition, op: op as typeof condition.op })}
      />
      {condition.op !== 'none' && <Text value={condition.value} onChange={(value) => onChange({ ...condition, value })} />}
    </>
  )
}

function TagField({ condition, onChange }: Of<'tag'>) {
  const known = useEndpoint(listTagsOfContacts, {}).data?.items ?? []
  return (
    <Autocomplete
      aria-label={t.segments.tag}
      data={known.map(({ tag }) => tag)}
      limit={50}
      value={condition.tag}
      maxLength={60}
      w={200}
      onChange={(tag) => onChange({ ...condition, tag })}
    />
  )
}

function ListFields({ condition, askable, onChange }: Of<'list'>) {
  return (
    <>
      <Select
        aria-label={t.segments.list}
        data={askable.lists.map(({ id, name }) => ({ value: id, label: name }))}
        value={condition.list || null}
        placeholder={t.segments.which}
        searchable
        allowDeselect={false}
        w={160}
        onChange={(list) => list && onChange({ ...condition, list })}
      />
      <Select
        aria-label={t.segments.how}
        data={STANDING_CHOICES.map((status) => ({ value: status, label: t.segments.standings[status] }))}
        value={condition.status}
        allowDeselect={false}
        w={170}
        onChange={(status) => status && onChange({ ...condition, status: status as typeof condition.status })}
      />
      {condition.status !== 'none' && (
        <SinceField value={condition.since ?? null} mayBeAny onChange={(since) => onChange({ ...condition, since })} />
      )}
    </>
  )
}

const ANY = 'any'

function ActivityFields({ condition, askable, onChange }: Of<'activity'>) {
  return (
    <>
      {condition.activity !== 'wrote' && (
        <Select
          aria-label={t.segments.which}
          data={[
            { value: ANY, label: t.segments.anyMail },
            ...askable.campaigns.map(({ id, name }) => ({ value: id as string, label: name })),
          ]}
          value={condition.campaign ?? ANY}
          searchable
          allowDeselect={false}
          w={200}
          onChange={(campaign) => onChange({ ...condition, campaign: campaign === ANY ? null : campaign })}
        />
      )}
      <SinceField value={condition.since} mayBeAny onChange={(since) => onChange({ ...condition, since })} />
    </>
  )
}

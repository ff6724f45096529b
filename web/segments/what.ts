import {
  ACTIVITY_KINDS,
  type Condition,
  TEXT_FIELDS,
  type TextField,
  type ValueOperator,
} from '../../src/contacts/segments/segment.ts'
import { t } from '../texts/texts.ts'
import type { Askable } from './names.ts'

/** What a condition is about, as one choice among all that may be asked: `field:name`, `data:plan`, `activity:opened`, `tag`. */
export function whatOf(condition: Condition): string {
  switch (condition.kind) {
    case 'field':
      return `field:${condition.field}`
    case 'data':
      return `data:${condition.key}`
    case 'activity':
      return `activity:${condition.activity}`
    default:
      return condition.kind
  }
}

export function whatChoices({ fields }: Askable) {
  const { groups } = t.segments
  const mail = ACTIVITY_KINDS.filter((kind) => kind !== 'wrote')
  return [
    {
      group: groups.belongs,
      items: [
        { value: 'list', label: t.segments.list },
        { value: 'tag', label: t.segments.tag },
        { value: 'import', label: t.segments.import },
      ],
    },
    {
      group: groups.person,
      items: [
        ...TEXT_FIELDS.map((field) => ({ value: `field:${field}`, label: t.segments.fields[field] })),
        { value: 'address', label: t.segments.address },
        { value: 'created', label: t.segments.created },
      ],
    },
    { group: groups.fields, items: fields.map(({ key, label }) => ({ value: `data:${key}`, label })) },
    { group: groups.mail, items: mail.map((kind) => ({ value: `activity:${kind}`, label: t.segments.activities[kind] })) },
    { group: groups.conversations, items: [{ value: 'activity:wrote', label: t.segments.activities.wrote }] },
  ].filter(({ items }) => items.length > 0)
}

/** A fresh condition about it, to be finished. */
export function conditionAbout(what: string, { lists, fields }: Askable): Condition {
  const [kind = '', which = ''] = what.split(':')
  switch (kind) {
    case 'field':
      return { kind: 'field', field: which as TextField, op: 'contains', value: '' }
    case 'data': {
      const type = fields.find(({ key }) => key === which)?.type ?? 'text'
      const value = type === 'boolean' ? true : ''
      return { kind: 'data', key: which, type, op: operatorsOf(type)[0] ?? 'is', value }
    }
    case 'address':
      return { kind: 'address', op: 'domain_is', value: '' }
    case 'tag':
      return { kind: 'tag', tag: '' }
    case 'import':
      return { kind: 'import', import: '' }
    case 'created':
      return { kind: 'created', when: 'after', since: { days: 30 } }
    case 'activity':
      return { kind: 'activity', activity: which as (typeof ACTIVITY_KINDS)[number], campaign: null, since: null }
    default:
      return { kind: 'list', list: lists[0]?.id ?? '', status: 'subscribed' }
  }
}

type DataType = Extract<Condition, { kind: 'data' }>['type']

/** What can be asked of a field, the likeliest first. */
export function operatorsOf(type: DataType): readonly ValueOperator[] {
  switch (type) {
    case 'number':
      return ['is', 'is_not', 'more', 'less', 'is_empty', 'is_not_empty']
    case 'date':
      return ['is', 'less', 'more', 'last_days', 'next_days', 'is_empty', 'is_not_empty']
    case 'boolean':
      return ['is', 'is_empty', 'is_not_empty']
    case 'choice':
      return ['is', 'is_not', 'is_empty', 'is_not_empty']
    case 'choices':
      return ['has', 'is_empty', 'is_not_empty']
    case 'text':
    case 'url':
      return ['is', 'is_not', 'contains', 'starts_with', 'is_empty', 'is_not_empty']
  }
}

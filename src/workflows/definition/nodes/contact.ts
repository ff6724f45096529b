/** What is done with a contact: the run's own, or the customer of its conversation. */
import { z } from 'zod'
import { type NodeType, nodeType, type Port } from '../node-type.ts'
import { as, Expression, Label, ref, refs, text } from './fields.ts'
import { cut, named, quoted } from './words.ts'

const OUT: readonly Port[] = [{ key: 'out', label: 'Then' }]
const instant = { group: 'contact', kind: 'instant', subjects: ['conversation', 'contact'] } as const
/** A conversation may be nobody's whom we know. */
const NOBODY: Port = { key: 'nobody', label: 'There is no contact', isFailure: true }
const ports = () => [...OUT, NOBODY]

const ListAdd = z.strictObject({
  list: as(ref('list'), 'List'),
  /** Nobody is asked from here: that is what forms do, whose mail has a link to confirm by. */
  source: as(text('where they agreed: a form asks those who have not', 500), 'Where they agreed'),
})
export type ListAdd = z.infer<typeof ListAdd>

const listAdd = nodeType<ListAdd>({
  ...instant,
  type: 'contact.list_add@1',
  title: 'Put on a list',
  about:
    'Puts a contact who agreed to it on a list; whoever left it is not put on it again. Who is still to be asked is sent to a form.',
  config: ListAdd,
  ports: () => [...OUT, { key: 'left', label: 'They had left it' }, NOBODY],
  sentence: ({ list }, names) => `Put the contact on ${names.of('list', list)}`,
})

const OfList = z.strictObject({ list: as(ref('list'), 'List') })
export type OfList = z.infer<typeof OfList>

const listRemove = nodeType<OfList>({
  ...instant,
  type: 'contact.list_remove@1',
  title: 'Take off a list',
  about: 'Takes the contact off a list, where they are on it.',
  config: OfList,
  ports,
  sentence: ({ list }, names) => `Take the contact off ${names.of('list', list)}`,
})

const Tags = z.strictObject({ tags: as(refs('tag'), 'Tags') })
export type Tags = z.infer<typeof Tags>

const tag = nodeType<Tags>({
  ...instant,
  type: 'contact.tag@1',
  title: 'Put tags on the contact',
  about: 'Puts tags on the contact.',
  config: Tags,
  ports,
  sentence: ({ tags }, names) => `Put on the contact: ${named(names, 'tag', tags)}`,
})

const untag = nodeType<Tags>({
  ...instant,
  type: 'contact.untag@1',
  title: 'Take tags off the contact',
  about: 'Takes tags off the contact, where they are on it.',
  config: Tags,
  ports,
  sentence: ({ tags }, names) => `Take off the contact: ${named(names, 'tag', tags)}`,
})

const Field = z.strictObject({
  field: as(ref('contact_field'), 'Field'),
  /** Null empties it. */
  value: as(Expression.nullable(), 'Value'),
})
export type ContactFieldChange = z.infer<typeof Field>

const field = nodeType<ContactFieldChange>({
  ...instant,
  type: 'contact.field@1',
  title: 'Change the contact',
  about: 'Fills in what is known of the contact, or empties it.',
  config: Field,
  ports: () => [...OUT, { key: 'refused', label: 'Not a value for it', isFailure: true }, NOBODY],
  sentence: (config, names) => {
    const name = names.of('contact_field', config.field)
    return config.value === null ? `Empty the contact’s ${name}` : `Set the contact’s ${name} to ${cut(config.value)}`
  },
})

const Suppress = z.strictObject({ reason: as(Label, 'Why') })
export type Suppress = z.infer<typeof Suppress>

const suppress = nodeType<Suppress>({
  ...instant,
  type: 'contact.suppress@1',
  title: 'Never mail again',
  about: 'Puts the contact’s address on the list of those that nothing is sent to.',
  config: Suppress,
  ports,
  sentence: ({ reason }) => `Never mail the contact again: ${quoted(reason)}`,
})

export const CONTACT: readonly NodeType[] = [listAdd, listRemove, tag, untag, field, suppress]

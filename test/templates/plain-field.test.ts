import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newTurn, parseLiquid, type Template } from '../../src/templates/liquid.ts'
import { plainField, plainValue } from '../../src/templates/plain-field.ts'

function nodesOf(source: string): readonly Template[] {
  const parsed = parseLiquid(source, 'html')
  if (!parsed.ok) throw new Error(parsed.sentence)
  return parsed.nodes
}

const fieldOf = (source: string) => plainField(nodesOf(source)[0] as Template)

test('an output of one field is known as such, and anything more is left to the library', () => {
  expect(['{{ contact.name }}', '{{contact.x_1}}', '{{- contact.name -}}'].map(fieldOf)).toEqual(['name', 'x_1', 'name'])
  const others = [
    '{{ contact.name | upcase }}',
    '{{ contact.address.city }}',
    '{{ contact["name"] }}',
    '{{ contact }}',
    '{{ campaign.name }}',
    '{{ contact.tags.first }}',
    '{{ contact.size }}',
    '{{ contact.first }}',
    '{{ contact.last }}',
    '{% if contact.name %}x{% endif %}',
    'contact.name',
  ]
  for (const other of others) expect(fieldOf(other), other).toBeNull()
})

test('whatever a person has in a field, it reads as the library would have written it', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom('&', '<', '>', '"', "'", '`', ' ', '\n', 'a'), maxLength: 20 }),
    fc.constantFrom<unknown>(null, undefined, '', 0, 1.5, true, false, [], ['a', 'b'], {}, { name: 'x' }, new Date(0)),
  )
  let read = 0
  fc.assert(
    fc.property(value, fc.constantFrom('html' as const, 'plain' as const), fc.boolean(), (held, escaping, isThere) => {
      const contact = isThere ? { name: held } : {}
      const plain = plainValue(contact, 'name', escaping)
      if (plain === null) return
      read += 1
      const parsed = parseLiquid('{{ contact.name }}', escaping)
      if (!parsed.ok) throw new Error(parsed.sentence)
      expect(plain).toBe(newTurn(escaping, { contact }, new Date(0)).render(parsed.nodes))
    }),
    { numRuns: 500 },
  )
  expect(read).toBeGreaterThan(100)
})

test('what belongs to every object is no field of a person', () => {
  expect(plainValue({}, 'constructor', 'plain')).toBe('')
})

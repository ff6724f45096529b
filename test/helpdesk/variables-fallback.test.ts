import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillVariables, unknownVariables, VARIABLES } from '../../src/helpdesk/variables.ts'

test('what is not known is said as the text says', () => {
  expect(fillVariables('Hi {{ contact.first_name | there }}, {{contact.name|x}}', { 'contact.name': 'Bob & Co' }, 'html')).toBe(
    'Hi there, Bob &#38; Co',
  )
  expect(unknownVariables('{{ contact.first_name | there }} {{ contact.shoe | 42 }} {{ agent.shoe }}')).toEqual([
    'agent.shoe',
    'contact.shoe',
  ])
})

test('whatever the values are, each stands once in its place, and none is read again', () => {
  const name = fc.constantFrom(...VARIABLES)
  const hostile = fc.oneof(fc.string(), fc.constantFrom('{{ agent.email }}', '{{ agent.email | x }}', '{{_fallback.0}}', '$&'))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.boolean()), { maxLength: 6 }), fc.dictionary(name, hostile), (uses, values) => {
      const text = uses.map(([each, has]) => `<${has ? `{{ ${each} | F }}` : `{{${each}}}`}>`).join('')
      const expected = uses.map(([each, has]) => `<${values[each] || (has ? 'F' : '')}>`).join('')
      expect(fillVariables(text, values, 'text')).toBe(expected)
    }),
  )
})

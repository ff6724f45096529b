import { expect, test } from 'vitest'
import { AUTOMATIC_VARIABLES, fillVariables, firstNameOf, unknownVariables, valuesOf } from '../../src/helpdesk/variables.ts'

const inbox = { name: 'Support', address: 'help@example.com' }

test('a value in HTML is text, whatever it looks like; in text it stays as it is', () => {
  const values = valuesOf({ inbox, contact: { name: '<b>Ann</b> & "Co"', email: 'ann@example.org' } })
  expect(fillVariables('<p>Dear {{ contact.name }}</p>', values, 'html')).toBe(
    '<p>Dear &#60;b&#62;Ann&#60;/b&#62; &#38; &#34;Co&#34;</p>',
  )
  expect(fillVariables('Dear {{contact.name}}', values, 'text')).toBe('Dear <b>Ann</b> & "Co"')
})

test('what is not known of somebody is left out, and nothing looks like a variable afterwards', () => {
  expect(fillVariables('Hello {{ contact.first_name }}, {{ agent.name }} of {{ inbox.name }}', valuesOf({ inbox }), 'text')).toBe(
    'Hello ,  of Support',
  )
})

test.each([
  ['Ann Miller', 'Ann'],
  ['Miller, Ann Maria', 'Ann'],
  ['Ann', 'Ann'],
  ['', ''],
])('the first name of %j is %j', (name, first) => {
  expect(firstNameOf(name)).toBe(first)
})

test('names that a text may not use are found, each once; a text that leaves by itself has no agent', () => {
  expect(unknownVariables('{{ contact.naem }} {{contact.naem}} {{ agent.name }}')).toEqual(['contact.naem'])
  expect(unknownVariables('{{ agent.name }} {{ contact.name }}', AUTOMATIC_VARIABLES)).toEqual(['agent.name'])
})

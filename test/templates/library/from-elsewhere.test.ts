import { expect, test } from 'vitest'
import { readForeignTemplates } from '../../../src/templates/library/from-elsewhere.ts'
import { slotsIn } from '../../../src/templates/slots.ts'

const GO = `<!doctype html>
<html><body>
{{/* a comment */}}
<h1>{{ .Campaign.Subject }}</h1>
<p>Dear {{ .Subscriber.FirstName }} of {{ .Subscriber.Attribs.City }},</p>
{{ template "content" . }}
<a href="{{ TrackLink "https://shop.example/a" . }}">A</a> <a href="https://shop.example/b@TrackLink">B</a>
{{ if .Subscriber.Attribs.vip }}<b>VIP</b>{{ end }}
<a href="{{ MessageURL }}">In a browser</a> <a href="{{ UnsubscribeURL }}">Leave</a>
{{ TrackView }}
</body></html>`

test('a template of listmonk has its place, its names and its links in our language; what has no equivalent is out, and named with its line', () => {
  const answer = {
    data: [
      { id: 1, name: 'Default', type: 'campaign', body: GO },
      { id: 2, name: 'Order', type: 'tx', body: 'Hello' },
    ],
  }
  const found = readForeignTemplates(answer)
  expect(found).toMatchObject({ source: 'listmonk', passedOver: ['Order'] })
  const [made] = found?.templates ?? []
  expect(made?.text).toMatchObject({ name: 'Default', format: 'html' })
  expect(made?.text.body).toContain('<p>Dear {{ contact.first_name }} of {{ contact.city }},</p>')
  expect(made?.text.body).toContain('<a href="https://shop.example/a">A</a> <a href="https://shop.example/b">B</a>')
  expect(made?.text.body).toContain('<a href="{{ unsubscribe_url }}">Leave</a>')
  expect(made?.text.body).not.toMatch(/TrackView|MessageURL|Subscriber|comment/)
  expect(slotsIn({ body: made?.text.body ?? '' }).map(({ name }) => name)).toEqual(['content'])
  expect(made?.notes).toEqual([
    'Line 8: {{ if .Subscriber.Attribs.vip }} has no equivalent and was taken out.',
    'Line 8: {{ end }} has no equivalent and was taken out.',
    'Line 9: {{ MessageURL }} has no equivalent and was taken out.',
  ])
})

test('a template of Keila keeps its Liquid under our names, and its places become slots', () => {
  const body = `<p>{{ contact.data.city }} {{ campaign.data.x }}</p><keila-content name="Main part">Hi</keila-content>{% if contact.first_name %}x{% endif %}<a href="{{ unsubscribe_link }}">x</a>`
  const found = readForeignTemplates({
    data: [
      { id: 't', name: 'Mine', type: 'html', body },
      { id: 'u', name: 'Styles only', body: null },
    ],
  })
  expect(found).toMatchObject({ source: 'keila', passedOver: ['Styles only'] })
  expect(found?.templates[0]?.text.body).toBe(
    '<p>{{ contact.city }} </p>{% slot main-part %}Hi{% endslot %}{% if contact.first_name %}x{% endif %}<a href="{{ unsubscribe_url }}">x</a>',
  )
  expect(found?.templates[0]?.notes).toEqual(['Line 1: {{ campaign.data.x }} has no equivalent and was taken out.'])
})

test('other answers are none, and what is not right after all is told', () => {
  expect(readForeignTemplates({ data: { results: [] } })).toBe(null)
  expect(readForeignTemplates('templates')).toBe(null)
  const found = readForeignTemplates([{ name: 'Broken', type: 'html', body: '<p>{% if x %}</p>' }])
  expect(found?.templates[0]?.notes).toEqual(['What remains is not right yet: open it and mend what is marked.'])
})

import { z } from 'zod'
import { FIRST_SETTINGS } from '../../forms/first-settings.ts'
import { FORM_SLUG, FORM_STATES, FormSettings } from '../../forms/form.ts'
import { SUBMISSION_STATES } from '../../forms/submission.ts'
import { download, endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

const FormSummary = z
  .object({
    id: id<'form'>(),
    name: z.string(),
    slug: z.string().describe('In the address of its page: `/f/<slug>`.'),
    state: z.enum(FORM_STATES).describe('Visitors meet `published` ones only.'),
    version: z.int().describe('Published last; 0 for never.'),
    has_changes: z.boolean().describe('What is written differs from what visitors see.'),
    url: z.string(),
    submissions: z
      .object({ waiting: z.int(), confirmed: z.int(), accepted: z.int(), expired: z.int(), denied: z.int(), refused: z.int() })
      .describe('Of the last 30 days.'),
    created_at: isoDate,
    updated_at: isoDate,
    published_at: isoDate.nullable(),
  })
  .meta({ id: 'FormSummary' })
export type FormSummary = z.output<typeof FormSummary>

export const Form = FormSummary.extend({
  settings: FormSettings.describe('What is written. Visitors see it once it is published.'),
  revision: z.int().describe('Give it back with a change, so that nobody overwrites what somebody else wrote.'),
  has_captcha_secret: z.boolean(),
  missing: z.array(z.object({ where: z.string(), sentence: z.string() })).describe('What keeps it from being published.'),
  embed: z.object({ link: z.string(), frame: z.string(), html: z.string() }).describe('To be put somewhere: of what is written.'),
}).meta({ id: 'Form' })
export type Form = z.output<typeof Form>

export const FormSubmission = z
  .object({
    id: id<'form_submission'>(),
    version: z.int(),
    state: z.enum(SUBMISSION_STATES),
    reason: z.string().describe('Why it was refused: a word for programs.'),
    sentence: z.string().describe('The same for people.'),
    address: z.string(),
    answers: z.record(z.string(), z.unknown()),
    lists: z.array(id<'contact_list'>()),
    consents: z.array(z.object({ key: z.string(), version: z.int(), hash: z.string(), given: z.boolean() })),
    ip: z.string().nullable(),
    page: z.string(),
    at: isoDate,
    confirm_by: isoDate.nullable(),
    settled_at: isoDate.nullable(),
    contact_id: id<'contact'>().nullable(),
    message_id: id<'message'>().nullable().describe('The mail that asks to confirm.'),
  })
  .meta({ id: 'FormSubmission' })
export type FormSubmission = z.output<typeof FormSubmission>

const example = {
  id: '0193e0a0-9999-7abc-9def-0123456789ab',
  name: 'Newsletter',
  slug: 'newsletter-7kq2',
  state: 'published',
  version: 3,
  has_changes: false,
  url: 'https://waybill.example.com/f/newsletter-7kq2',
  submissions: { waiting: 4, confirmed: 120, accepted: 0, expired: 7, denied: 1, refused: 9 },
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
  published_at: '2026-11-21T12:00:00.000Z',
}
const exampleSettings = {
  ...FIRST_SETTINGS,
  lists: [{ id: '0193e0a0-7777-7abc-9def-0123456789ab', offered: false }],
  consents: [
    {
      key: 'news',
      text: 'I want the newsletter and have read the [privacy policy](https://shop.example/privacy).',
      required: true,
    },
  ],
  sender: 'Shop <news@shop.example>',
}
const exampleForm = {
  ...example,
  settings: exampleSettings,
  revision: 7,
  has_captcha_secret: false,
  missing: [],
  embed: {
    link: example.url,
    frame: `<iframe src="https://waybill.example.com/f/${example.id}/frame" title="Newsletter"></iframe>`,
    html: `<form action="https://waybill.example.com/f/${example.id}" method="post">…</form>`,
  },
}
const exampleSubmission = {
  id: '0193e0a0-9998-7abc-9def-0123456789ab',
  version: 3,
  state: 'confirmed',
  reason: '',
  sentence: '',
  address: 'ann@example.org',
  answers: { first_name: 'Ann' },
  lists: ['0193e0a0-7777-7abc-9def-0123456789ab'],
  consents: [{ key: 'news', version: 1, hash: '0'.repeat(64), given: true }],
  ip: null,
  page: 'https://shop.example/newsletter',
  at: '2026-11-21T12:00:00.000Z',
  confirm_by: '2026-11-24T12:00:00.000Z',
  settled_at: '2026-11-21T12:03:00.000Z',
  contact_id: '0193e0a0-6666-7abc-9def-0123456789ab',
  message_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
}

const byId = z.strictObject({ id: id<'form'>() })
const Slug = line(1, 60).regex(FORM_SLUG, 'is made of small letters, digits and hyphens')
const changeable = {
  name: line(1, 100),
  slug: Slug,
  settings: FormSettings,
  captcha_secret: z.string().max(500).describe('Of hCaptcha or Turnstile; kept sealed, and never told. Empty: take it away.'),
}

export const listForms = endpoint({
  method: 'GET',
  path: '/v1/forms',
  summary: 'Forms by which people ask to be on lists, newest first.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject(pageParams),
  reply: pageOf(FormSummary),
  errors: ['invalid_cursor'],
  example: { reply: { items: [example], next: null } },
})
export const getForm = endpoint({
  method: 'GET',
  path: '/v1/forms/:id',
  summary: 'One form, with what is written, what is missing, and how to put it somewhere.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: Form,
  errors: ['not_found'],
  example: { params: { id: example.id }, reply: exampleForm },
})
export const createForm = endpoint({
  method: 'POST',
  path: '/v1/forms',
  summary: 'Add a form: a draft that nobody can send.',
  permission: 'campaigns.manage',
  transaction: 'write',
  body: z.strictObject(changeable).partial().required({ name: true }),
  reply: Form,
  status: 201,
  errors: ['form_address_taken', 'invalid_address'],
  example: { body: { name: 'Newsletter' }, reply: exampleForm },
})
export const changeForm = endpoint({
  method: 'PATCH',
  path: '/v1/forms/:id',
  summary: 'Change what is written. Visitors see it once it is published; name and address hold at once.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ ...changeable, revision: z.int().describe('As it was read.') }).partial(),
  reply: Form,
  errors: ['not_found', 'form_address_taken', 'changed_meanwhile', 'invalid_address'],
  example: { params: { id: example.id }, body: { name: 'Newsletter', revision: 6 }, reply: exampleForm },
})
export const publishForm = endpoint({
  method: 'POST',
  path: '/v1/forms/:id/publish',
  summary: 'Show visitors what is written now, as a new version.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  reply: Form,
  errors: ['not_found', 'form_not_ready'],
  example: { params: { id: example.id }, reply: exampleForm },
})
export const unpublishForm = endpoint({
  method: 'POST',
  path: '/v1/forms/:id/unpublish',
  summary: 'Close a form. Links in mails that were sent by it still confirm.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  reply: Form,
  errors: ['not_found'],
  example: { params: { id: example.id }, reply: { ...exampleForm, state: 'unpublished' } },
})
export const removeForm = endpoint({
  method: 'DELETE',
  path: '/v1/forms/:id',
  summary: 'Remove a form with its submissions. Whoever confirmed stays subscribed, with the proof.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found'],
  example: { params: { id: example.id } },
})
export const previewForm = endpoint({
  method: 'GET',
  path: '/v1/forms/:id/preview',
  summary: 'What is written, as visitors would see it, for a frame: it cannot be sent.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({
    id: id<'form'>(),
    show: z
      .enum(['form', 'errors', 'asked', 'done', 'confirmed', 'confirmation', 'welcome'])
      .optional()
      .describe('`form` when left out.'),
    revision: z.string().max(10).optional().describe('Changes nothing: another one makes a browser ask again.'),
  }),
  produces: 'text/html',
  reply: download,
  errors: ['not_found'],
  example: { params: { id: example.id } },
})
export const testForm = endpoint({
  method: 'POST',
  path: '/v1/forms/:id/test',
  summary: 'Send the mails of what is written to an address, with made-up words in them. Their links lead nowhere.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ to: line(3, 320) }),
  reply: z.object({ message_ids: z.array(id<'message'>()) }),
  status: 202,
  errors: ['not_found', 'form_not_ready', 'invalid_address'],
  example: {
    params: { id: example.id },
    body: { to: 'ann@shop.example' },
    reply: { message_ids: ['0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a'] },
  },
})
export const listFormSubmissions = endpoint({
  method: 'GET',
  path: '/v1/forms/:id/submissions',
  summary: 'What visitors sent, newest first, with what became of it and why.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ id: id<'form'>(), state: z.enum(SUBMISSION_STATES).optional(), ...pageParams }),
  reply: pageOf(FormSubmission),
  errors: ['not_found', 'invalid_cursor'],
  example: { params: { id: example.id }, reply: { items: [exampleSubmission], next: null } },
})

export const formEndpoints = [
  listForms,
  getForm,
  createForm,
  changeForm,
  publishForm,
  unpublishForm,
  removeForm,
  previewForm,
  testForm,
  listFormSubmissions,
] as const

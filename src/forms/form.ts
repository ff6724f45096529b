/**
 * A form by which strangers ask to be on lists:
 *
 *   draft ──publish──▶ published ◀──publish / unpublish──▶ unpublished
 *
 * Law: what is written is the draft; what visitors see is the version that was published last. A text that somebody agreed to is never changed: another
 * text is another version. Isomorphic.
 */
import { z } from 'zod'
import type { Id, WorkspaceId } from '../lib/ids.ts'

export type FormId = Id<'form'>
export const FORM_STATES = ['draft', 'published', 'unpublished'] as const
export type FormState = (typeof FORM_STATES)[number]
/** In the address of its page. */
export const FORM_SLUG = /^[a-z0-9][a-z0-9-]*$/

const words = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text), 'must not contain control characters')
const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine(
      (text) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text),
      'must not contain line breaks or other control characters',
    )

/** Only where a browser goes by itself: no `javascript:`, no `data:`, nothing with a password in it. */
export function isWebAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false
  const url = new URL(text)
  return (
    (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '' && url.hostname !== ''
  )
}
const webAddress = line(1_000).refine(isWebAddress, 'must be an address that begins with https:// or http://')

/** `https://shop.example`, as browsers say it in Origin. */
export function originOf(text: string): string | null {
  return isWebAddress(text) ? new URL(text).origin : null
}

/** What is asked of people beside the workspace's own fields. */
export const OWN_FIELDS = ['email', 'first_name', 'last_name', 'language'] as const
export const DATA_PREFIX = 'data.'

export const FormField = z
  .strictObject({
    key: z
      .string()
      .regex(
        /^(?:email|first_name|last_name|language|data\.[a-z][a-z0-9_]{0,39})$/,
        'is email, first_name, last_name, language or data.<a field of contacts>',
      ),
    label: line(100).min(1),
    placeholder: line(100),
    required: z.boolean(),
  })
  .meta({ id: 'FormField' })
export type FormField = z.output<typeof FormField>

export const FormConsent = z
  .strictObject({
    key: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'begins with a small letter and has small letters, digits and underscores'),
    text: words(2_000).min(1).describe('Markdown: links to what people agree to belong in it.'),
    required: z.boolean(),
  })
  .meta({ id: 'FormConsent' })
export type FormConsent = z.output<typeof FormConsent>

export const FormMail = z
  .strictObject({
    subject: line(500),
    body: words(100_000).describe('Markdown with Liquid.'),
  })
  .meta({ id: 'FormMail' })
export type FormMail = z.output<typeof FormMail>

const Afterwards = z.strictObject({ text: words(2_000), redirect_url: webAddress.nullable() })
const colour = z.string().regex(/^#[0-9a-f]{6}$/, 'is a colour like #0c5a63')

export const CAPTCHAS = ['none', 'altcha', 'hcaptcha', 'turnstile'] as const
export type CaptchaKind = (typeof CAPTCHAS)[number]

export const MAX_EFFORT = 1_000_000

export const FormSettings = z
  .strictObject({
    title: line(200),
    intro: words(4_000).describe('Markdown.'),
    fine_print: words(4_000).describe('Markdown.'),
    button: line(60).min(1),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is a language tag such as en or pt-BR')
      .max(35)
      .describe('In which the form is written.'),
    languages: z
      .array(
        z.strictObject({
          tag: z
            .string()
            .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
            .max(35),
          name: line(60).min(1),
        }),
      )
      .max(50)
      .describe('What the field `language` offers.'),
    colours: z.strictObject({ accent: colour.nullable(), background: colour.nullable() }),
    lists: z
      .array(
        z.strictObject({
          id: z.uuid(),
          offered: z.boolean().describe('False: whoever sends the form asks for it. True: they may tick it.'),
        }),
      )
      .max(20),
    fields: z.array(FormField).min(1).max(40),
    consents: z.array(FormConsent).max(10),
    asked: Afterwards.describe('After the form was sent, where a mail has to be confirmed.'),
    done: Afterwards.describe('After the form was sent, where nothing has to be confirmed.'),
    confirmed: Afterwards.describe('After the button behind the link of the mail was pressed.'),
    prefill: z.boolean().describe('Whether the address of the page may fill fields: `?email=…&first_name=…`.'),
    double_opt_in: z
      .boolean()
      .describe('Everybody confirms by mail. For lists with double opt-in, and for whoever is known already, this is so anyway.'),
    confirm_hours: z.int().min(1).max(720),
    sender: line(320),
    reply_to: line(320).nullable(),
    confirmation: FormMail.describe('Knows `confirm_url`.'),
    welcome: FormMail.nullable().describe('Knows `preferences_url`.'),
    captcha: z.strictObject({
      kind: z.enum(CAPTCHAS),
      site_key: line(200),
      effort: z.int().min(1_000).max(MAX_EFFORT).describe('Of altcha: how many numbers are tried at most.'),
      unproven: z
        .enum(['confirm', 'refuse'])
        .describe(
          'What comes without a proof, because no script ran or the provider cannot be asked: a few an hour that confirm by mail, or nothing.',
        ),
    }),
    origins: z
      .array(
        z.union([
          z.literal('*'),
          webAddress.refine(
            (text) => originOf(text) === text,
            'is the beginning of a web address, without a path: https://shop.example',
          ),
        ]),
      )
      .max(50)
      .describe('Sites that may hold the form, in a frame or as their own HTML. `*`: all.'),
    limits: z.strictObject({
      per_ip_hour: z.int().min(1).max(10_000),
      per_form_hour: z.int().min(1).max(1_000_000),
      mails_per_address_day: z.int().min(1).max(20),
    }),
    keep_ip: z.boolean().describe('Whether the network address is kept as part of the proof.'),
  })
  .meta({ id: 'FormSettings' })
export type FormSettings = z.output<typeof FormSettings>

export interface Form {
  readonly workspaceId: WorkspaceId
  readonly id: FormId
  readonly name: string
  readonly slug: string
  readonly settings: FormSettings
  /** Grows with each change of what is being written. */
  readonly revision: number
  readonly state: FormState
  /** Published last; 0 for never. */
  readonly version: number
  readonly sealedSecret: Buffer | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly publishedAt: Date | null
}

/** The words of a box as somebody saw them. */
export interface ConsentText {
  readonly key: string
  readonly version: number
  readonly text: string
  /** SHA-256 of the text, in hexadecimal. */
  readonly hash: string
}

/** Whether somebody else's server says who is human. */
export function isForeign(kind: CaptchaKind): kind is 'hcaptcha' | 'turnstile' {
  return kind === 'hcaptcha' || kind === 'turnstile'
}

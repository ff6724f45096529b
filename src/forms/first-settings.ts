import type { FormSettings } from './form.ts'

/** What a new form begins with: it works once a list and a sender are chosen. */
export const FIRST_SETTINGS: FormSettings = {
  title: 'Newsletter',
  intro: '',
  fine_print: '',
  button: 'Subscribe',
  language: 'en',
  languages: [],
  colours: { accent: null, background: null },
  lists: [],
  fields: [
    { key: 'email', label: 'Email', placeholder: '', required: true },
    { key: 'first_name', label: 'First name', placeholder: '', required: false },
  ],
  consents: [],
  asked: { text: 'Nearly done. We sent you a mail: press the button in it, and you are on the list.', redirect_url: null },
  done: {
    text: 'Thank you. You are on the list now. If we know you already, a mail asks whether it was you.',
    redirect_url: null,
  },
  confirmed: { text: 'Thank you. You are on the list.', redirect_url: null },
  prefill: true,
  double_opt_in: true,
  confirm_hours: 72,
  sender: '',
  reply_to: null,
  confirmation: {
    subject: 'Please confirm: {{ form.title }}',
    body: 'Hello{% if contact.first_name != blank %} {{ contact.first_name }}{% endif %},\n\nsomebody, we hope you, asked for **{{ lists | join: ", " }}** at this address.\n\n[Yes, that was me]({{ confirm_url }})\n\nIf it was not you, do nothing: you will not hear from us again.\n',
  },
  welcome: null,
  captcha: { kind: 'altcha', site_key: '', effort: 50_000, unproven: 'confirm' },
  origins: [],
  limits: { per_ip_hour: 20, per_form_hour: 1_000, mails_per_address_day: 3 },
  keep_ip: false,
}

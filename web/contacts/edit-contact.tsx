import { Button, Checkbox, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { type Contact, changeContact, createContact, getContact, listContacts } from '../../src/api/endpoints/contacts.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { changesOf, DataFields, type FieldValue } from './data-fields.tsx'
import { nameOf } from './name-of.ts'

const FIELDS = ['name', 'first_name', 'last_name', 'company', 'job_title', 'note', 'language', 'time_zone'] as const

/** Somebody new, or somebody who is there. */
export function EditContact({ contact, onClose }: { contact: Contact | null; onClose: () => void }) {
  const navigate = useNavigate()
  const [fields, setFields] = useState({
    name: contact?.name ?? '',
    first_name: contact?.first_name ?? '',
    last_name: contact?.last_name ?? '',
    language: contact?.language ?? '',
    time_zone: contact?.time_zone ?? '',
    company: contact?.company ?? '',
    job_title: contact?.job_title ?? '',
    note: contact?.note ?? '',
  })
  const [phones, setPhones] = useState(contact?.phones.join(', ') ?? '')
  const [tags, setTags] = useState<string[]>(contact?.tags ?? [])
  const [externalId, setExternalId] = useState(contact?.external_id ?? '')
  const [data, setData] = useState<Record<string, FieldValue>>(contact?.data ?? {})
  const [addresses, setAddresses] = useState(contact?.addresses.join('\n') ?? '')
  const [take, setTake] = useState(false)
  const done = (saved: Contact) => {
    toast('good', t.contacts.saved(nameOf(saved)))
    if (!contact) void navigate({ to: '/contacts/$id', params: { id: saved.id } })
    onClose()
  }
  const create = useAction(createContact, { quiet: true, changes: [listContacts], onDone: done })
  const change = useAction(changeContact, { quiet: true, changes: [listContacts, getContact], onDone: done })
  const lines = addresses.split(/[\s,;]+/).filter((line) => line !== '')
  const errors = errorsFor(create.error ?? change.error, [
    ...FIELDS.map((name) => `/${name}`),
    '/addresses',
    '/tags',
    '/external_id',
    ...lines.map((_, i) => `/addresses/${i}`),
  ])
  function submit() {
    const listed = phones.split(',').map((phone) => phone.trim())
    // What nobody touched is not sent: a name goes on following its parts.
    const { name, ...others } = fields
    const named = contact && name === contact.name ? {} : name === '' && !contact ? {} : { name }
    const known = { tags, external_id: externalId === '' ? null : externalId, data: changesOf(contact?.data ?? {}, data) }
    const body = {
      ...others,
      ...named,
      ...known,
      phones: listed.filter((phone) => phone !== ''),
      addresses: lines,
      take_addresses: take,
    }
    if (contact) change.mutate({ params: { id: contact.id }, body })
    else create.mutate({ body })
  }
  const field = (name: (typeof FIELDS)[number]) => ({
    value: fields[name],
    error: errors.of(`/${name}`),
    onChange: (event: { currentTarget: { value: string } }) => setFields({ ...fields, [name]: event.currentTarget.value }),
  })
  return (
    <Dialog title={contact ? t.contacts.editTitle(nameOf(contact)) : t.contacts.add} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput label={t.contacts.name} maxLength={200} data-autofocus {...field('name')} />
        <FormRow half>
          <TextInput label={t.person.firstName} maxLength={100} {...field('first_name')} />
          <TextInput label={t.person.lastName} maxLength={100} {...field('last_name')} />
        </FormRow>
        <FormRow half>
          <TextInput label={t.contacts.company} maxLength={200} {...field('company')} />
          <TextInput label={t.contacts.jobTitle} maxLength={200} {...field('job_title')} />
        </FormRow>
        <Textarea
          label={t.contacts.addresses}
          description={t.contacts.addressesHint}
          value={addresses}
          error={[errors.of('/addresses'), ...lines.map((_, i) => errors.of(`/addresses/${i}`))].find(Boolean)}
          autosize
          minRows={2}
          maxRows={8}
          onChange={(event) => setAddresses(event.currentTarget.value)}
        />
        <Checkbox
          label={t.contacts.take}
          description={t.contacts.takeHint}
          checked={take}
          onChange={(event) => setTake(event.currentTarget.checked)}
        />
        <TextInput
          label={t.contacts.phones}
          description={t.contacts.phonesHint}
          value={phones}
          onChange={(event) => setPhones(event.currentTarget.value)}
        />
        <Textarea
          label={t.contacts.note}
          description={t.contacts.noteHint}
          maxLength={10_000}
          autosize
          minRows={2}
          maxRows={10}
          {...field('note')}
        />
        <TagsInput label={t.person.tags} value={tags} maxTags={50} error={errors.of('/tags')} onChange={setTags} />
        <DataFields data={data} onChange={setData} />
        <FormRow half>
          <TextInput label={t.person.language} maxLength={35} {...field('language')} />
          <TextInput label={t.person.timeZone} maxLength={64} {...field('time_zone')} />
        </FormRow>
        <TextInput
          label={t.person.externalId}
          maxLength={200}
          value={externalId}
          error={errors.of('/external_id')}
          onChange={(event) => setExternalId(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || change.isPending}>
            {contact ? t.contacts.save : t.contacts.addAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

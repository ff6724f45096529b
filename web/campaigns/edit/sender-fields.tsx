import { Autocomplete, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listDomains } from '../../../src/api/endpoints/domains.ts'
import { formatAddress, formatMailbox, parseAddress, parseMailbox } from '../../../src/mail/address.ts'
import { useMe } from '../../me.ts'
import { useEndpoint } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { FormRow } from '../../ui/form.tsx'
import { Note } from '../../ui/note.tsx'
import type { PanelProps } from './panels.ts'

/** Who it is from, and where answers go. What is no address is not saved, and says so. */
export function SenderFields({ campaign, onChange }: PanelProps) {
  const before = parseMailbox(campaign.sender)
  const [name, setName] = useState(before?.name ?? '')
  const [address, setAddress] = useState(before ? formatAddress(before.address) : '')
  const says = t.campaigns.edit
  const parsed = parseAddress(address.trim())
  const domains = useEndpoint(listDomains, {}, { enabled: useMe().permissions.includes('routes.read') }).data?.items ?? []
  function say(nextName: string, nextAddress: string) {
    const mailbox = parseAddress(nextAddress.trim())
    if (mailbox) onChange({ sender: formatMailbox({ name: nextName.trim(), address: mailbox }) })
    else if (nextAddress.trim() === '') onChange({ sender: '' })
  }
  const local = address.split('@')[0] || 'news'
  return (
    <>
      <FormRow half>
        <TextInput
          label={says.senderName}
          description={says.senderNameHint}
          maxLength={200}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value)
            say(event.currentTarget.value, address)
          }}
        />
        <Autocomplete
          label={says.senderAddress}
          description={says.senderAddressHint}
          type="email"
          autoComplete="off"
          data={domains.map((domain) => `${local}@${domain.name}`)}
          filter={({ options }) => options}
          value={address}
          error={address.trim() !== '' && !parsed ? says.senderWrong : null}
          onChange={(value) => {
            setAddress(value)
            say(name, value)
          }}
        />
      </FormRow>
      {parsed && <DomainNote domain={parsed.domain} known={domains} />}
      <ReplyTo campaign={campaign} onChange={onChange} />
    </>
  )
}

interface DomainNoteProps {
  readonly domain: string
  readonly known: readonly { readonly name: string; readonly state: string }[]
}

function DomainNote({ domain, known }: DomainNoteProps) {
  const found = known.find(({ name }) => name === domain.toLowerCase())
  if (found?.state === 'verified' || found?.state === 'warning') return null
  const says = t.campaigns.edit
  return (
    <Note tone="care" hint={<AppLink href="/domains">{says.toDomains}</AppLink>}>
      {found ? says.notSigned(domain) : says.notManaged(domain)}
    </Note>
  )
}

function ReplyTo({ campaign, onChange }: PanelProps) {
  const [text, setText] = useState(campaign.reply_to ?? '')
  const isWrong = text.trim() !== '' && !parseMailbox(text.trim())
  return (
    <TextInput
      label={t.campaigns.edit.replyTo}
      description={campaign.reply_inbox_id ? t.campaignSettings.replies.instead : t.campaigns.edit.replyToHint}
      disabled={campaign.reply_inbox_id !== null}
      maxLength={998}
      value={campaign.reply_inbox_id ? '' : text}
      error={isWrong ? t.campaigns.edit.replyToWrong : null}
      onChange={(event) => {
        const next = event.currentTarget.value
        setText(next)
        if (next.trim() === '') onChange({ reply_to: null })
        else if (parseMailbox(next.trim())) onChange({ reply_to: next.trim() })
      }}
    />
  )
}

import { Menu, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { BellRing, Keyboard, LogOut, User } from 'lucide-react'
import { signOut } from '../../src/api/endpoints/account.ts'
import { useMe } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { prefer, usePreferences } from '../ui/preferences.ts'
import styles from './shell.module.css'

export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe()
  const navigate = useNavigate()
  const client = useQueryClient()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { density } = usePreferences()
  const leave = useAction(signOut, {
    onDone: () => {
      client.clear()
      void navigate({ to: '/sign-in' })
    },
  })
  const name = me.user?.name ?? me.key?.name ?? ''
  const themes = [
    { value: 'light', label: t.shell.light },
    { value: 'dark', label: t.shell.dark },
    { value: 'auto', label: t.shell.auto },
  ] as const
  const densities = [
    { value: 'comfortable', label: t.shell.comfortable },
    { value: 'compact', label: t.shell.compact },
  ] as const

  return (
    <Menu position="top-start" width={240} shadow="md">
      <Menu.Target>
        <button type="button" className={styles.bottomButton}>
          <span className={styles.avatar} aria-hidden>
            {initialOf(name)}
          </span>
          <span className="visually-hidden">{t.shell.account}: </span>
          <span className={styles.clip}>{name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.user?.email}</Menu.Label>
        <Menu.Item leftSection={<User size={15} aria-hidden />} onClick={() => void navigate({ to: '/account' })}>
          {t.shell.myAccount}
        </Menu.Item>
        {me.permissions.includes('conversations.read') && (
          <Menu.Item
            leftSection={<BellRing size={15} aria-hidden />}
            onClick={() => void navigate({ to: '/settings/notifications' })}
          >
            {t.notificationSettings.title}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Keyboard size={15} aria-hidden />} onClick={onHelp}>
          {t.shell.shortcuts}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.shell.theme}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as (typeof themes)[number]['value'])}>
          {themes.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick={false}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t.shell.density}</Menu.Label>
        <Menu.RadioGroup value={density} onChange={(value) => prefer({ density: value as (typeof densities)[number]['value'] })}>
          {densities.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick={false}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} aria-hidden />} onClick={() => leave.mutate({})}>
          {t.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function initialOf(name: string): string {
  return name.trim().slice(0, 1).toUpperCase() || '?'
}

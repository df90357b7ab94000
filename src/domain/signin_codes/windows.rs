//! Windows: status codes of failed logons (event 4625, 4776) and Kerberos result codes (events 4768, 4771), after
//! <https://learn.microsoft.com/windows/security/threat-protection/auditing/event-4625>, event-4768 and RFC 4120 §7.5.9; the words are ours.

use crate::domain::signin::ReasonClass as Class;
use crate::domain::signin_codes::Row;

/// NT status codes, as `Status` and `SubStatus` hold them.
pub const STATUS: &[Row] = &[
    ("0xc000005e", Class::OnPrem, "no server was there to check the sign-in"),
    ("0xc0000064", Class::AccountNotFound, "there is no account of this name"),
    ("0xc000006a", Class::BadCredentials, "the password was wrong"),
    ("0xc000006d", Class::BadCredentials, "the name or the password was wrong"),
    ("0xc000006e", Class::BadCredentials, "the name or the password was wrong, or the account is restricted"),
    ("0xc000006f", Class::LogonHours, "the account may not sign in at this hour"),
    ("0xc0000070", Class::Device, "the account may not sign in at this computer"),
    ("0xc0000071", Class::PasswordExpired, "the password is too old"),
    ("0xc0000072", Class::AccountDisabled, "the account is switched off"),
    ("0xc00000dc", Class::OnPrem, "the directory server was not ready"),
    ("0xc000010b", Class::NotAuthorized, "this way of signing in is not possible here"),
    ("0xc0000133", Class::OnPrem, "the clocks of two computers differ too much"),
    ("0xc000015b", Class::NotAuthorized, "the account may not sign in to this computer in this way"),
    ("0xc000018c", Class::OnPrem, "two domains do not trust each other"),
    ("0xc000018d", Class::OnPrem, "the computer and its domain do not trust each other"),
    ("0xc0000192", Class::OnPrem, "the logon service was not running"),
    ("0xc0000193", Class::AccountExpired, "the account's end has passed"),
    ("0xc0000224", Class::PasswordChangeRequired, "the password has to be changed at the next sign-in"),
    ("0xc0000225", Class::Service, "a fault in Windows, not a refusal"),
    ("0xc0000234", Class::LockedOut, "the account is locked"),
    ("0xc00002ee", Class::Service, "an error happened during the sign-in"),
    ("0xc0000413", Class::PolicyBlock, "the computer is set up to let only chosen accounts in"),
];

/// Kerberos result codes.
pub const KERBEROS: &[Row] = &[
    ("0x1", Class::AccountExpired, "the account's end has passed"),
    ("0x6", Class::AccountNotFound, "there is no account of this name"),
    ("0x7", Class::AppConfig, "the server that was to be reached is not known"),
    ("0x9", Class::BadCredentials, "the account or the server has no key"),
    (
        "0xc",
        Class::PolicyBlock,
        "a restriction on the account does not allow it, for instance the computer or the hour",
    ),
    ("0x10", Class::AppConfig, "the kind of proof offered, often a smart card, is not supported"),
    (
        "0x12",
        Class::LockedOrDisabled,
        "the account is locked, switched off or past its end; the code does not tell which",
    ),
    ("0x15", Class::AccountDisabled, "the account is not valid yet"),
    ("0x17", Class::PasswordExpired, "the password is too old"),
    ("0x18", Class::BadCredentials, "the password was wrong"),
    ("0x19", Class::Interrupt, "more proof was asked for; a step in between, not a refusal"),
    ("0x25", Class::OnPrem, "the clocks of two computers differ too much"),
];

/// NT status names, as Samba writes them (MS-ERREF §2.3.1).
pub const STATUS_NAMES: &[Row] = &[
    ("nt_status_wrong_password", Class::BadCredentials, "the password was wrong"),
    ("nt_status_logon_failure", Class::BadCredentials, "the name or the password was wrong"),
    ("nt_status_no_such_user", Class::AccountNotFound, "there is no account of this name"),
    ("nt_status_account_locked_out", Class::LockedOut, "the account is locked"),
    ("nt_status_account_disabled", Class::AccountDisabled, "the account is switched off"),
    ("nt_status_account_expired", Class::AccountExpired, "the account's end has passed"),
    ("nt_status_password_expired", Class::PasswordExpired, "the password is too old"),
    ("nt_status_password_must_change", Class::PasswordChangeRequired, "the password has to be changed first"),
    ("nt_status_invalid_logon_hours", Class::LogonHours, "the account may not sign in at this hour"),
    ("nt_status_invalid_workstation", Class::Device, "the account may not sign in at this computer"),
    ("nt_status_account_restriction", Class::NotAuthorized, "a restriction on the account does not allow it"),
    ("nt_status_logon_type_not_granted", Class::NotAuthorized, "the account may not sign in in this way"),
];

//! `holdfast account`: the first accounts are made here; the others by an administrator.

use std::collections::BTreeSet;
use std::io::IsTerminal;

use compliance::Word;
use compliance::access::Role;

use super::{Failure, Settings};
use crate::clock::Clock;
use crate::identity::Identity;
use crate::operations::accounts::{NewAccount, check_words, create_account};
use crate::operations::sign_in::password_hash;
use crate::refusal::Refusal;
use crate::store::{Store, accounts, stations};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make an account; the password is asked for, or read from standard input
    Create(Create),
    /// List every account
    List(Settings),
    /// Let an account sign in no more; takes effect at once
    Disable(Disable),
}

#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    settings: Settings,
    username: String,
    /// Shown beside what the person does
    #[arg(long)]
    name: String,
    /// officer, owner, supervisor, control_room, auditor or administrator
    #[arg(long, value_parser = role)]
    role: Role,
    /// Codes of the stations where the person works, with commas between them
    #[arg(long, value_delimiter = ',')]
    stations: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct Disable {
    #[command(flatten)]
    settings: Settings,
    username: String,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("a role is {}", known.join(", "))
    })
}

pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(create) => {
            let store = create.settings.open()?;
            let password = read_password()?;
            make(&store, &create, &password).await?;
            store.close().await;
            println!("{} can sign in as {}.", create.username.to_lowercase(), create.role);
        }
        Command::List(settings) => {
            let store = settings.open()?;
            let all = store.read(accounts::all).await?;
            for account in all {
                let disabled = if account.disabled_at.is_some() { "  (disabled)" } else { "" };
                println!(
                    "{:<24} {:<14} {}{disabled}",
                    account.username,
                    account.role.as_str(),
                    account.display_name
                );
            }
        }
        Command::Disable(disable) => {
            let store = disable.settings.open()?;
            let (username, now) = (disable.username.clone(), Clock::System.now());
            store
                .write(move |tx| {
                    let found = accounts::find_by_username(tx, &username)?;
                    let account = found.ok_or(Refusal::NotFound("account"))?;
                    let at = (now, &crate::identity::Identity::System);
                    crate::operations::accounts::disable_account(tx, None, at, account.id)
                })
                .await?;
            store.close().await;
            println!("{} can sign in no more.", disable.username);
        }
    }
    Ok(())
}

async fn make(store: &Store, create: &Create, password: &str) -> Result<(), Failure> {
    check_words(&create.username, &create.name, password)?;
    let now = Clock::System.now();
    let codes = create.stations.clone();
    let new = NewAccount {
        id: Identity::System.id(now),
        username: create.username.clone(),
        display_name: create.name.clone(),
        role: create.role,
        password_hash: password_hash(&Identity::System, password)?,
        stations: BTreeSet::new(),
    };
    let made = store.write(move |tx| {
        let mut new = new.clone();
        for code in &codes {
            let found = stations::find_by_code(tx, code)?;
            let unknown = || Refusal::field("/stations", format!("{code} is no station on file"));
            new.stations.insert(found.ok_or_else(unknown)?.id);
        }
        create_account(tx, None, now, &new)
    });
    made.await?;
    Ok(())
}

fn read_password() -> Result<String, Failure> {
    let failed = |source| Failure::File { path: "the password".to_owned(), source };
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password("Password (12 characters or more): ").map_err(failed);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

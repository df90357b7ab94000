//! `claviger teams package`: the app package that an administrator uploads to Microsoft Teams.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;

use crate::chat::teams::{check, package};

/// Makes the app package for Microsoft Teams.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the app package (manifest and icons) to be uploaded to Teams.
    ///
    /// Example: claviger teams package --config claviger.toml --out claviger-teams.zip
    Package(PackageArgs),
}

#[derive(Debug, clap::Args)]
struct PackageArgs {
    /// The settings file, whose section `[teams]` names the bot.
    #[arg(long, default_value = "claviger.toml")]
    config: PathBuf,
    /// Where to write the package.
    #[arg(long, default_value = "claviger-teams.zip")]
    out: PathBuf,
    /// Your page on privacy; without it Claviger's first page.
    #[arg(long)]
    privacy_url: Option<String>,
    /// Your terms of use; without them Claviger's first page.
    #[arg(long)]
    terms_url: Option<String>,
    /// The package's version. Teams takes a changed package only with a higher one.
    #[arg(long, default_value = package::APP_VERSION)]
    app_version: String,
}

/// Runs the command.
///
/// # Errors
/// Where the settings cannot be used or the file cannot be written.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::Package(args) = args.command;
    let config = crate::config::load::load(&args.config)?;
    let section = config.teams.as_ref().with_context(|| {
        format!("`{}` has no section [teams]; docs/teams.md says what belongs there", args.config.display())
    })?;
    let pages = (args.privacy_url.as_deref(), args.terms_url.as_deref());
    let listing = package::Listing::parse(&section.app_id, &config.http.public_url, pages, &args.app_version)?;
    let bytes = package::package(&listing)?;
    std::fs::write(&args.out, bytes).with_context(|| format!("`{}` cannot be written", args.out.display()))?;
    println!("written: {}", args.out.display());
    println!("upload it in the Teams admin centre (Teams apps, Manage apps, Upload new app)");
    println!("messaging endpoint of the bot in Azure: {}", check::messaging_endpoint(listing.public()));
    Ok(ExitCode::SUCCESS)
}

//! Opens the stores of a system, with the same layers around each: every call is written down, keys are remembered, the
//! number of items is bounded, a store that hangs is given up, and one that is locked for a moment is tried again.

use crate::config::Config;
use crate::kept::{Kept, Shelf};
use crate::kinds::{self, Entry, Place};
use std::time::Duration;
use waylaid_engine::Stores;
use waylaid_model::{Coverage, Status, StoreSpec, TableColumn};
use waylaid_redact::looks_personal;
use waylaid_store::layers::{
    Audit, AuditLog, Budget, Keyring, Kind, Layer as _, Logs, Remember, Retry, Tables, Timeout, Topics,
    Tries, within,
};
use waylaid_store::{Context, ErrorKind, StoreError};

/// How often a store is asked in all before it counts as failed, and the first pause between.
const TRIES: Tries = Tries { attempts: 3, pause: Duration::from_millis(150) };

/// What all stores of a session share.
#[derive(Clone, Default)]
pub struct Shared {
    /// What they were asked.
    pub log: AuditLog,
    /// Which values are keys.
    pub keyring: Keyring,
}

/// Opens every store, or takes what is `kept` open; one that cannot be opened becomes a line of coverage.
pub fn open(config: &Config, shared: &Shared, kept: &Kept, context: &Context) -> Stores {
    let system = &config.system;
    let opening = Opening { config, shared, context };
    let mut stores = Stores::default();
    let failed = &mut stores.failed;
    stores.logs = opening.each::<Logs>("logs", &system.logs, kinds::LOGS, &kept.logs, failed);
    stores.topics = opening.each::<Topics>("topics", &system.topics, kinds::TOPICS, &kept.topics, failed);
    stores.tables = opening.each::<Tables>("tables", &system.tables, kinds::TABLES, &kept.tables, failed);
    for service in &system.services {
        let Some(code) = &service.code else { continue };
        let folder = config.folder.join(code);
        if folder.is_dir() {
            stores.code.push((service.name.clone(), folder));
        } else {
            let name = format!("code.{}", service.name);
            let note = format!("there is no folder {code}");
            stores.failed.push(Coverage::new(name.clone(), name, Status::Failed).with_note(note));
        }
    }
    stores
}

struct Opening<'o> {
    config: &'o Config,
    shared: &'o Shared,
    context: &'o Context,
}

impl Opening<'_> {
    /// The stores of a section that can be opened.
    fn each<K: Kind>(
        &self,
        section: &str,
        specs: &[StoreSpec],
        entries: &'static [Entry<K::Store>],
        shelf: &Shelf<K>,
        failed: &mut Vec<Coverage>,
    ) -> Vec<Box<K::Store>> {
        let mut stores = Vec::new();
        for spec in specs {
            let name = format!("{section}.{}", spec.name);
            let open = || self.one(&name, spec, entries);
            match shelf.get(&name, spec, &self.config.folder, open) {
                Ok(store) => stores.push(self.layered::<K>(store, &spec.name)),
                Err(error) => {
                    let line = Coverage::new(name.clone(), name, Status::Failed);
                    failed.push(line.with_note(error.to_string()));
                }
            }
        }
        stores
    }

    /// A store of the kind that its section names.
    fn one<S: ?Sized + Send + 'static>(
        &self,
        name: &str,
        spec: &StoreSpec,
        entries: &'static [Entry<S>],
    ) -> Result<Box<S>, StoreError> {
        let Some(entry) = entries.iter().find(|entry| entry.about.kind == spec.kind) else {
            let what = format!("{name}: no store of kind {}", spec.kind.name());
            return Err(StoreError::new(ErrorKind::Invalid, what));
        };
        let place = Place::new(name.to_owned(), spec, &self.config.folder);
        let doing = format!("{name}: opening {}", place.shown());
        within(&doing, self.config.settings.silence, self.context, move || (entry.open)(&place))
    }

    /// The layers around a store, from the inside.
    fn layered<K: Kind>(&self, store: Box<K::Store>, name: &str) -> Box<K::Store> {
        let (settings, shared) = (&self.config.settings, self.shared);
        let entities = self.config.system.entities.iter();
        let columns = entities.flat_map(|e| &e.tables).map(|(column, _)| column);
        let own: Vec<TableColumn> = columns.filter(|c| c.store == name).cloned().collect();
        let store = Retry::<K>::new(store, TRIES).boxed();
        let store = Timeout::<K>::new(store, settings.silence).boxed();
        let store = Budget::<K>::new(store, settings.items).boxed();
        let store = Remember::<K>::new(store, shared.keyring.clone(), own, looks_personal).boxed();
        Audit::<K>::new(store, shared.log.clone()).boxed()
    }
}

//! What happens to copies of the ledger: somebody makes one, somebody puts it back, and an operator accepts it.

use super::oracle::{Checked, Oracle};
use super::world::World;

impl World {
    /// Now and then, between two runs, a copy of the ledger is made, or the last one is put back and accepted.
    pub(super) fn keep_or_put_back_a_copy(&mut self) -> Checked {
        if self.chance.percent(15) {
            self.backup = Some(self.ledger.back_up());
            self.note(|| "the ledger is copied".to_owned());
        } else if self.chance.percent(20)
            && let Some(backup) = self.backup.clone()
        {
            // Nobody puts a copy back under a program that runs, or while its requests are on their way.
            self.let_all_arrive()?;
            let after = self.ledger.put_back(backup, self.stamp());
            self.oracle.set_back(&self.ledger, &mut self.server, after);
            self.note(|| format!("an older copy is put back and accepted; it ends with {after:?}"));
        }
        Oracle::spend_is_enclosed(&self.ledger, &self.server)
    }

    /// Settles what an older copy lacks, so many times in a hundred: none of it was billed, or all may be
    /// asked about again.
    pub(super) fn settle_what_is_lost(&mut self, percent: u64) {
        if self.ledger.lost().is_some() && self.chance.percent(percent) {
            self.note(|| "what is lost is settled".to_owned());
            self.ledger.settle_what_is_lost();
            self.oracle.settle_what_is_lost();
        }
    }
}

//! The script that hands the shards of a corpus to a scheduler, as one would have written it by hand.

use std::path::Path;

use strum::{IntoStaticStr, VariantArray};

use crate::engine::settings::spec::shell_word;

/// Who runs the shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Engine {
    /// An array of jobs.
    Slurm,
    /// GNU parallel on this machine.
    Parallel,
    Snakemake,
}

/// The script for the corpus in this folder, in so many shards of at most so many milliseconds of a core, about.
pub fn script(engine: Engine, folder: &Path, shards: usize, most_ms: u64) -> String {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let run = shell_word(&folder);
    match engine {
        Engine::Slurm => {
            // An estimate may be wrong by a factor, and a limit of time costs nothing.
            let minutes = 30 + most_ms.div_ceil(60_000) * 4;
            format!(
                "#!/bin/sh\n\
                 # sbatch this; corpus status says what is done, and another sbatch goes on from there.\n\
                 #SBATCH --job-name=snmf-corpus\n\
                 #SBATCH --array=1-{shards}\n\
                 #SBATCH --cpus-per-task=1\n\
                 #SBATCH --mem=4G\n\
                 #SBATCH --time={minutes}\n\
                 #SBATCH --requeue\n\
                 #SBATCH --open-mode=append\n\
                 #SBATCH --signal=B:TERM@60\n\
                 exec snmf corpus work {run} --shard \"$SLURM_ARRAY_TASK_ID/{shards}\" --threads \"$SLURM_CPUS_PER_TASK\"\n"
            )
        }
        Engine::Parallel => {
            let log = shell_word(folder.join("parallel.log"));
            format!(
                "#!/bin/sh\n\
                 # A shard a core; run it again to go on.\n\
                 seq {shards} | parallel --joblog {log} --resume-failed --retries 3 --termseq TERM,10000,KILL \\\n    \
                 snmf corpus work {run} --shard {{}}/{shards} --threads 1\n"
            )
        }
        Engine::Snakemake => {
            // Python reads the strings of JSON.
            let path = serde_json::Value::from(folder.display().to_string());
            format!(
                "# snakemake --cores all --keep-going --snakefile THIS\n\
                 RUN, SHARDS = {path}, {shards}\n\n\
                 rule all:\n    input: expand(RUN + \"/shards/{{shard}}\", shard=range(1, SHARDS + 1))\n\n\
                 rule work:\n    output: touch(RUN + \"/shards/{{shard}}\")\n    params: run=RUN, shards=SHARDS\n    \
                 retries: 3\n    threads: 1\n    shell: \"snmf corpus work {{params.run:q}} \
                 --shard {{wildcards.shard}}/{{params.shards}} --threads {{threads}}\"\n"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_calls_each_shard_of_the_quoted_folder() {
        let of = |engine| script(engine, Path::new("/a b/run"), 8, 900_000);
        assert!(of(Engine::Slurm).contains("#SBATCH --array=1-8\n"));
        assert!(of(Engine::Slurm).contains("work '/a b/run' --shard \"$SLURM_ARRAY_TASK_ID/8\""));
        assert!(
            of(Engine::Parallel)
                .contains("seq 8 | parallel --joblog '/a b/run/parallel.log' --resume-failed")
        );
        assert!(of(Engine::Parallel).contains("work '/a b/run' --shard {}/8 --threads 1"));
        assert!(of(Engine::Snakemake).contains("RUN, SHARDS = \"/a b/run\", 8\n"));
        assert!(of(Engine::Snakemake).contains("{params.run:q} --shard {wildcards.shard}/{params.shards}"));
    }
}

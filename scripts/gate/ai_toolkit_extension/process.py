"""The processes: screened before the model is loaded, verified before the data sets are.

As of 27a03a91f23eb1b757d5ec2e80ee3e129cfcc350, ``run`` of ``jobs/process/BaseSDTrainProcess.py``
calls ``hook_before_model_load`` first, and ``before_dataset_load`` right before
``get_dataloader_from_datasets``; what is raised there ends the job before a picture that trains is
opened (``setup_validation`` opens those of ``validation_items`` earlier, after the screening).
``job.raw_config`` is the whole job, its variables and names filled in. Latents that an earlier run
has left in the folder (``_latent_cache``) flag: remove them, or train on what ``screening strip``
writes.
"""

import os
from pathlib import Path

from extensions_built_in.sd_trainer.DiffusionTrainer import DiffusionTrainer
from extensions_built_in.sd_trainer.SDTrainer import SDTrainer

from screening import Settings, screen_or_raise, verify_or_raise
from screening.packs import open_arguments


class Screened:
    """What is added to a trainer of ai-toolkit, before it in the order of its classes."""

    decision = None

    def hook_before_model_load(self):
        super().hook_before_model_load()
        self.screen()

    def before_dataset_load(self):
        super().before_dataset_load()
        if self.decision is None:
            self.screen()
        verify_or_raise(self.pack(), self.decision, limits=self.screening_settings().limits)

    def screen(self):
        """Raises PackFlagged or PackBlocked, a ScreeningError where nothing can be screened."""
        self.decision = screen_or_raise(
            self.pack(),
            settings=self.screening_settings(),
            uploader=os.environ.get("SCREENING_UPLOADER", ""),
        )

    def pack(self):
        """Everything that the job names: data sets, control and mask pictures, regularisation."""
        limits = self.screening_settings().limits
        return open_arguments(self.job.raw_config, trainer="ai-toolkit", limits=limits)

    def screening_settings(self):
        file = os.environ.get("SCREENING_SETTINGS")
        return Settings.load(Path(file) if file else None)


class ScreenedTrainer(Screened, SDTrainer):
    """``sd_trainer``."""


class ScreenedDiffusionTrainer(Screened, DiffusionTrainer):
    """``diffusion_trainer``."""

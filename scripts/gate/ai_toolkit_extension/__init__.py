"""An extension of ostris/ai-toolkit whose LoRA trainers stop on a pack that must not be trained.

Copy this folder to ``extensions/screened`` of ai-toolkit, install ``screening`` beside it, and
write ``type: screened_sd_trainer`` where a job has ``type: sd_trainer``, and
``screened_diffusion_trainer`` for ``diffusion_trainer``, which its web page writes. Whoever writes
jobs must not be the uploader: a job with another type is not screened. Set ``SCREENING_SETTINGS``
to a settings file, and ``SCREENING_UPLOADER`` to whose licences count.
"""

from toolkit.extension import Extension


class ScreenedTrainerExtension(Extension):
    uid = "screened_sd_trainer"
    name = "SD Trainer, screened"

    @classmethod
    def get_process(cls):
        # As in ai-toolkit's own extensions: to list them must not import a trainer each.
        from extensions.screened.process import ScreenedTrainer  # noqa: PLC0415

        return ScreenedTrainer


class ScreenedDiffusionTrainerExtension(Extension):
    uid = "screened_diffusion_trainer"
    name = "Diffusion Trainer, screened"

    @classmethod
    def get_process(cls):
        from extensions.screened.process import ScreenedDiffusionTrainer  # noqa: PLC0415

        return ScreenedDiffusionTrainer


AI_TOOLKIT_EXTENSIONS = [ScreenedTrainerExtension, ScreenedDiffusionTrainerExtension]

"""An extension of ostris/ai-toolkit whose LoRA trainer stops on a pack that must not be trained.

Copy this folder to ``extensions/screened`` of ai-toolkit, install ``screening`` beside it, and
write ``type: screened_sd_trainer`` where a job has ``type: sd_trainer``. Whoever writes jobs must
not be the uploader: a job with another type is not screened. Set ``SCREENING_SETTINGS`` to a
settings file, and ``SCREENING_UPLOADER`` to whose licences count.
"""

from toolkit.extension import Extension


class ScreenedTrainerExtension(Extension):
    uid = "screened_sd_trainer"
    name = "SD Trainer, screened"

    @classmethod
    def get_process(cls):
        # ai-toolkit imports every extension when it starts, and a trainer when a job has it
        from extensions.screened.process import ScreenedTrainer  # noqa: PLC0415

        return ScreenedTrainer


AI_TOOLKIT_EXTENSIONS = [ScreenedTrainerExtension]

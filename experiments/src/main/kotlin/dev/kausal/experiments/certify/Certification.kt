package dev.kausal.experiments.certify

import dev.kausal.engine.certify.Bounds
import dev.kausal.engine.certify.Certifier
import dev.kausal.engine.certify.Reference
import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.Devices
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.Precision
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.KausalVersion
import java.nio.file.Path
import java.util.Optional

/** Opens a model and certifies it. */
internal object Certification {
    fun certify(
        ref: String,
        reference: Path?,
        precision: Precision,
        bounds: Bounds,
        device: Device,
        say: (String) -> Unit,
    ): CertificateRecord {
        // Dump first: it is small, and a mistake in it should be reported before any download.
        val dump = reference?.let(Reference::read)
        val context = SourceContext.ofProcess(false) { say(it) }
        Devices.ready(device, context)
        val files = ModelSources.resolve(ref, context)
        return ModelSource.open(files.path(), device).use { source ->
            source.load(Placement.RESIDENT, precision).use { model ->
                val found = Certifier(model, bounds, say).certify(Optional.ofNullable(dump))
                CertificateRecord(
                    model = ref,
                    family = model.config().family(),
                    precision = precision.word(),
                    weights = source.sha256(),
                    versions = versions(),
                    reference = dump?.let { record(it) },
                    passed = found.passed(),
                    outputs = found.outputs()?.record(),
                    checks = found.checks().map { it.record() },
                    sites = found.sites().map { it.record() },
                    notes = found.notes(),
                )
            }
        }
    }

    private fun record(dump: Reference) =
        ReferenceRecord(dump.library(), dump.versions().toSortedMap(), dump.prompts().size, dump.file().toString())

    private fun versions() =
        mapOf(
            "kausal" to KausalVersion.text,
            "pytorch" to Torch.version(),
            "java" to System.getProperty("java.version"),
        )
}

package dev.kausal.experiments.construction

import dev.kausal.engine.source.EmbeddedModels
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import kotlin.io.path.name
import kotlin.io.path.readBytes

class ConstructionTest :
    FunSpec({
        val folder = tempdir().toPath()

        test("what the jar carries is what the program writes, byte for byte") {
            for (construction in Construction.all) {
                val written = construction.write(folder.resolve(construction.name))
                val shipped = EmbeddedModels.builtIn().unpack(construction.name, folder.resolve("cache"))
                val card = EmbeddedModels.builtIn().all().first { it.name() == construction.name }
                for (file in card.files()) {
                    withClue("${construction.name}/${file.name()}") {
                        written.resolve(
                            file.name(),
                        ).readBytes().contentEquals(shipped.resolve(file.name()).readBytes()) shouldBe
                            true
                    }
                }
                card.description() shouldBe construction.description
                shipped.name.startsWith(construction.name) shouldBe true
            }
        }
    })

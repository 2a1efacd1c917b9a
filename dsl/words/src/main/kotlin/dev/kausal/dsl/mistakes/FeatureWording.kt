package dev.kausal.dsl.mistakes

/** Messages of mistakes in sparse dictionaries. */
internal object FeatureWording {
    fun of(it: FeatureMistake): String =
        when (it) {
            is FeatureMistake.Unusable -> {
                "the dictionary ${Wording.quote(it.ref)} cannot be used: ${it.detail.trimEnd('.')}"
            }

            is FeatureMistake.NoSite -> {
                "the files of ${Wording.quote(
                    it.ref,
                )} (${it.layout}) do not tell which hook point it reads; give site, as " +
                    "in features(${Wording.quote(it.ref)}, site = lm.blocks[5].residPost)"
            }

            is FeatureMistake.OtherSize -> {
                val found = if (it.units ==
                    0
                ) {
                    "is attention between positions"
                } else {
                    "has ${it.units} numbers per position"
                }
                "the dictionary ${Wording.quote(
                    it.ref,
                )} reads ${it.inputs} numbers per position, but ${it.hook} $found; " +
                    "use a dictionary of this model, or give the hook point that it was trained on as site"
            }

            is FeatureMistake.NoSuchFeature -> {
                "the dictionary ${Wording.quote(it.ref)} has features 0 to ${it.features - 1}, not ${it.feature}"
            }

            is FeatureMistake.TranscoderEdit -> {
                "features of ${Wording.quote(
                    it.ref,
                )} cannot be edited, since it is a transcoder: it reads ${it.site} and " +
                    "reconstructs ${it.writes}; edit features of an autoencoder, or ablate ${it.writes}"
            }
        }
}

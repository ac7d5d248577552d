<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<!-- What core describes (tasks, samplers, settings): not found by lupdate, kept complete by a test. -->
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>core</name>
    <message>
        <source>Fill what I painted</source>
        <translation>Gemaltes ausfüllen</translation>
    </message>
    <message>
        <source>Fills the painted pixels; the rest is kept.</source>
        <translation>Füllt die gemalten Pixel; der Rest bleibt.</translation>
    </message>
    <message>
        <source>Missing centre</source>
        <translation>Fehlende Mitte</translation>
    </message>
    <message>
        <source>The central 150/256 of each side is missing.</source>
        <translation>Die mittleren 150/256 jeder Seite fehlen.</translation>
    </message>
    <message>
        <source>Missing right half</source>
        <translation>Fehlende rechte Hälfte</translation>
    </message>
    <message>
        <source>The right half is missing.</source>
        <translation>Die rechte Hälfte fehlt.</translation>
    </message>
    <message>
        <source>Missing top half</source>
        <translation>Fehlende obere Hälfte</translation>
    </message>
    <message>
        <source>The upper half is missing.</source>
        <translation>Die obere Hälfte fehlt.</translation>
    </message>
    <message>
        <source>Missing bottom half</source>
        <translation>Fehlende untere Hälfte</translation>
    </message>
    <message>
        <source>The lower half is missing.</source>
        <translation>Die untere Hälfte fehlt.</translation>
    </message>
    <message>
        <source>Expand the centre</source>
        <translation>Mitte erweitern</translation>
    </message>
    <message>
        <source>Only the central 78/256 of each side is known.</source>
        <translation>Nur die mittleren 78/256 jeder Seite sind bekannt.</translation>
    </message>
    <message>
        <source>Random pixels missing</source>
        <translation>Zufällige Pixel fehlen</translation>
    </message>
    <message>
        <source>A share of all pixels, drawn at random, is missing.</source>
        <translation>Ein zufällig gezogener Teil aller Pixel fehlt.</translation>
    </message>
    <message>
        <source>Missing share</source>
        <translation>Fehlender Anteil</translation>
    </message>
    <message>
        <source>Share of the pixels that is missing, 0 to 1.</source>
        <translation>Anteil der fehlenden Pixel, 0 bis 1.</translation>
    </message>
    <message>
        <source>Mask seed</source>
        <translation>Startwert der Maske</translation>
    </message>
    <message>
        <source>Seed of the random mask.</source>
        <translation>Startwert der zufälligen Maske.</translation>
    </message>
    <message>
        <source>Remove noise</source>
        <translation>Rauschen entfernen</translation>
    </message>
    <message>
        <source>The photo with white Gaussian noise; its strength is the noise level.</source>
        <translation>Das Foto mit weißem Gaußschem Rauschen; dessen Stärke ist der Rauschwert.</translation>
    </message>
    <message>
        <source>Enlarge 4 times</source>
        <translation>4-fach vergrößern</translation>
    </message>
    <message>
        <source>Enlarge 8 times</source>
        <translation>8-fach vergrößern</translation>
    </message>
    <message>
        <source>Enlarge 16 times</source>
        <translation>16-fach vergrößern</translation>
    </message>
    <message>
        <source>Each 4x4 block was averaged into one pixel.</source>
        <translation>Je 4x4 Pixel wurden zu einem gemittelt.</translation>
    </message>
    <message>
        <source>Each 8x8 block was averaged into one pixel.</source>
        <translation>Je 8x8 Pixel wurden zu einem gemittelt.</translation>
    </message>
    <message>
        <source>Each 16x16 block was averaged into one pixel.</source>
        <translation>Je 16x16 Pixel wurden zu einem gemittelt.</translation>
    </message>
    <message>
        <source>Remove Gaussian blur</source>
        <translation>Weichzeichnung entfernen</translation>
    </message>
    <message>
        <source>Convolved with a Gaussian.</source>
        <translation>Mit einer Gaußkurve gefaltet.</translation>
    </message>
    <message>
        <source>Blur radius</source>
        <translation>Radius</translation>
    </message>
    <message>
        <source>Standard deviation of the Gaussian, in pixels.</source>
        <translation>Standardabweichung der Gaußkurve, in Pixeln.</translation>
    </message>
    <message>
        <source>Remove motion blur</source>
        <translation>Verwackeln entfernen</translation>
    </message>
    <message>
        <source>Convolved with a straight line.</source>
        <translation>Mit einer geraden Linie gefaltet.</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Length of the motion, in pixels.</source>
        <translation>Länge der Bewegung, in Pixeln.</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>Richtung</translation>
    </message>
    <message>
        <source>Direction of the motion, in degrees counter-clockwise from right.</source>
        <translation>Richtung der Bewegung, in Grad gegen den Uhrzeigersinn von rechts.</translation>
    </message>
    <message>
        <source>Remove JPEG artefacts</source>
        <translation>JPEG-Fehler entfernen</translation>
    </message>
    <message>
        <source>Compressed as JPEG; the noise level stands for the error of its rounding.</source>
        <translation>Als JPEG gepackt; der Rauschwert steht für den Fehler durch die Rundung.</translation>
    </message>
    <message>
        <source>JPEG quality</source>
        <translation>JPEG-Qualität</translation>
    </message>
    <message>
        <source>JPEG quality, 1 (worst) to 100.</source>
        <translation>JPEG-Qualität, 1 (schlechteste) bis 100.</translation>
    </message>
    <message>
        <source>Rounding</source>
        <translation>Rundung</translation>
    </message>
    <message>
        <source>Jacobian of the rounding: straight_through (identity), or soft (the paper&#x27;s cubic; use noise 0.05).</source>
        <translation>Ableitung der Rundung: straight_through (Identität) oder soft (kubisch wie in der Veröffentlichung; mit Rauschen 0.05).</translation>
    </message>
    <message>
        <source>Colourise</source>
        <translation>Kolorieren</translation>
    </message>
    <message>
        <source>Only the mean of the colours is known.</source>
        <translation>Nur der Mittelwert der Farben ist bekannt.</translation>
    </message>
    <message>
        <source>Outer steps</source>
        <translation>Äußere Schritte</translation>
    </message>
    <message>
        <source>Noise levels from pure noise to the signal (n).</source>
        <translation>Rauschstufen von reinem Rauschen bis zum Signal (n).</translation>
    </message>
    <message>
        <source>Gibbs repetitions</source>
        <translation>Gibbs-Wiederholungen</translation>
    </message>
    <message>
        <source>Gibbs sweeps at each noise level (R).</source>
        <translation>Gibbs-Durchgänge auf jeder Rauschstufe (R).</translation>
    </message>
    <message>
        <source>Denoising steps</source>
        <translation>Entrauschungsschritte</translation>
    </message>
    <message>
        <source>Points of the DDIM grid from tau to 0 (M); M - 1 network evaluations.</source>
        <translation>Punkte des DDIM-Gitters von tau bis 0 (M); M - 1 Netzauswertungen.</translation>
    </message>
    <message>
        <source>Gradient steps</source>
        <translation>Gradientenschritte</translation>
    </message>
    <message>
        <source>Steps of the variational update at outer step i (G): a number, or rules over i. With gauss_newton: linearisations.</source>
        <translation>Schritte der Variation bei Schritt i (G): eine Zahl oder Regeln über i. Bei gauss_newton: Linearisierungen.</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Adam&#x27;s absolute learning rate at outer step i: a number, or rules over i.</source>
        <translation>Adams absolute Lernrate bei Schritt i: eine Zahl oder Regeln über i.</translation>
    </message>
    <message>
        <source>Variational update</source>
        <translation>Variationsschritt</translation>
    </message>
    <message>
        <source>adam: the paper&#x27;s. gauss_newton: perturb-and-optimise with conjugate gradients.</source>
        <translation>adam: wie in der Veröffentlichung. gauss_newton: Stören und Optimieren mit konjugierten Gradienten.</translation>
    </message>
    <message>
        <source>Conjugate gradient steps</source>
        <translation>Schritte konjugierter Gradienten</translation>
    </message>
    <message>
        <source>At most, for each linearisation of gauss_newton; two backward passes each.</source>
        <translation>Höchstens, je Linearisierung von gauss_newton; je zwei Rückwärtsdurchläufe.</translation>
    </message>
    <message>
        <source>Conjugate gradient tolerance</source>
        <translation>Toleranz konjugierter Gradienten</translation>
    </message>
    <message>
        <source>gauss_newton: a sample is done when the residual of the normal equations has shrunk to this share; 0 takes all steps.</source>
        <translation>gauss_newton: Eine Probe ist fertig, wenn das Residuum der Normalgleichungen auf diesen Anteil gesunken ist; 0 macht alle Schritte.</translation>
    </message>
    <message>
        <source>Law of tau</source>
        <translation>Gesetz von tau</translation>
    </message>
    <message>
        <source>How the earlier time is drawn: uniform below t, mix (uniform, then the level below t), deterministic, mix-det (3/4 t, then below t), zero (near 0).</source>
        <translation>Wie die frühere Zeit gezogen wird: uniform (gleichverteilt unter t), mix (gleichverteilt, dann die Stufe unter t), deterministic, mix-det (3/4 t, dann unter t), zero (nahe 0).</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Outer step at which the mix laws change.</source>
        <translation>Äußerer Schritt, bei dem die mix-Gesetze wechseln.</translation>
    </message>
    <message>
        <source>Smallest tau</source>
        <translation>Kleinstes tau</translation>
    </message>
    <message>
        <source>Smallest earlier time of the uniform laws.</source>
        <translation>Kleinste frühere Zeit der gleichverteilten Gesetze.</translation>
    </message>
    <message>
        <source>Tau for each sample</source>
        <translation>Tau je Probe</translation>
    </message>
    <message>
        <source>Draw tau for each sample of a batch instead of one for all.</source>
        <translation>Tau für jede Probe einzeln ziehen statt eines für alle.</translation>
    </message>
    <message>
        <source>Stochasticity</source>
        <translation>Zufallsanteil</translation>
    </message>
    <message>
        <source>eta of the outer bridge and of the denoising steps: 0 deterministic, 1 as DDPM.</source>
        <translation>eta der äußeren Brücke und der Entrauschungsschritte: 0 deterministisch, 1 wie DDPM.</translation>
    </message>
    <message>
        <source>As the public code</source>
        <translation>Wie der öffentliche Code</translation>
    </message>
    <message>
        <source>Keep the conventions of the paper&#x27;s public code (n - 3 outer steps, one tau for the batch).</source>
        <translation>Die Konventionen des öffentlichen Codes zur Veröffentlichung behalten (n - 3 äußere Schritte, ein tau für alle).</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Denoising steps, one network evaluation each.</source>
        <translation>Entrauschungsschritte, je eine Netzauswertung.</translation>
    </message>
    <message>
        <source>Noise levels from pure noise to the signal.</source>
        <translation>Rauschstufen von reinem Rauschen bis zum Signal.</translation>
    </message>
    <message>
        <source>eta of the reverse steps: 0 deterministic, 1 as DDPM.</source>
        <translation>eta der Rückwärtsschritte: 0 deterministisch, 1 wie DDPM.</translation>
    </message>
    <message>
        <source>Guidance</source>
        <translation>Führung</translation>
    </message>
    <message>
        <source>Step size: 1 for enlarging and missing parts, 0.3 for blur, 0.2 for JPEG, 0.1 else.</source>
        <translation>Schrittweite: 1 für Vergrößern und fehlende Teile, 0.3 für Unschärfe, 0.2 für JPEG, sonst 0.1.</translation>
    </message>
    <message>
        <source>Pull of the observation</source>
        <translation>Zug der Beobachtung</translation>
    </message>
    <message>
        <source>eta_b: share of the observation where it is less noisy than the level.</source>
        <translation>eta_b: Anteil der Beobachtung, wo sie weniger rauscht als die Stufe.</translation>
    </message>
    <message>
        <source>Weight of the prior</source>
        <translation>Gewicht des Priors</translation>
    </message>
    <message>
        <source>lambda: strength of the denoised estimate against the observation.</source>
        <translation>lambda: Stärke der entrauschten Schätzung gegenüber der Beobachtung.</translation>
    </message>
    <message>
        <source>Fresh noise</source>
        <translation>Neues Rauschen</translation>
    </message>
    <message>
        <source>zeta: share of the noise that is drawn anew; 1 for missing parts, 0.1 for enlarging and blur.</source>
        <translation>zeta: Anteil des neu gezogenen Rauschens; 1 für fehlende Teile, 0.1 für Vergrößern und Unschärfe.</translation>
    </message>
    <message>
        <source>Adam&#x27;s learning rate.</source>
        <translation>Adams Lernrate.</translation>
    </message>
    <message>
        <source>Strength of the network&#x27;s term against the observation&#x27;s.</source>
        <translation>Stärke des Netzterms gegenüber der Beobachtung.</translation>
    </message>
    <message>
        <source>Return the state at the last noise level, as the public code does.</source>
        <translation>Den Zustand auf der letzten Rauschstufe zurückgeben, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>Share the observed coordinates&#x27; noise between the samples, as the public code does.</source>
        <translation>Das Rauschen der beobachteten Koordinaten für alle Proben teilen, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>Return the state at the last noise level and draw a start of its own, as the public code does.</source>
        <translation>Den Zustand auf der letzten Rauschstufe zurückgeben und einen eigenen Anfang ziehen, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>Average over the whole batch, as the public code does.</source>
        <translation>Über alle Proben mitteln, wie der öffentliche Code.</translation>
    </message>
    <message>
        <source>It needs a degradation whose singular value decomposition is known.</source>
        <translation>Er braucht einen Schaden, dessen Singulärwertzerlegung bekannt ist.</translation>
    </message>
    <message>
        <source>It needs a linear degradation.</source>
        <translation>Er braucht einen linearen Schaden.</translation>
    </message>
    <message>
        <source>Mixture-guided diffusion: Gibbs steps between an earlier time, the clean signal and the current state.</source>
        <translation>Mischungsgeführte Diffusion: Gibbs-Schritte zwischen einer früheren Zeit, dem klaren Signal und dem gegenwärtigen Zustand.</translation>
    </message>
    <message>
        <source>Ancestral steps, each followed by a gradient step on the misfit through the network.</source>
        <translation>Rückwärtsschritte, je gefolgt von einem Gradientenschritt auf die Abweichung durch das Netz.</translation>
    </message>
    <message>
        <source>Ancestral steps guided by the pseudo-inverse&#x27;s misfit through the network.</source>
        <translation>Rückwärtsschritte, geführt von der Abweichung der Pseudoinversen durch das Netz.</translation>
    </message>
    <message>
        <source>Replaces what the observation determines of each clean estimate; no gradients.</source>
        <translation>Ersetzt in jeder klaren Schätzung, was die Beobachtung festlegt; ohne Gradienten.</translation>
    </message>
    <message>
        <source>Mixes the observation into each spectral coordinate by its noise; no gradients.</source>
        <translation>Mischt die Beobachtung je nach Rauschen in jede spektrale Koordinate; ohne Gradienten.</translation>
    </message>
    <message>
        <source>Plug-and-play: a proximal step on the clean estimate, then noise again; no gradients.</source>
        <translation>Plug-and-play: ein proximaler Schritt auf die klare Schätzung, dann wieder Rauschen; ohne Gradienten.</translation>
    </message>
    <message>
        <source>Fits one picture to the observation and to the network&#x27;s opinion at all noise levels; seeks a mode.</source>
        <translation>Passt ein Bild an die Beobachtung und an die Meinung des Netzes auf allen Rauschstufen an; sucht einen Modus.</translation>
    </message>
    <message>
        <source>Samples the prior and ignores the observation: shows what the model knows by itself.</source>
        <translation>Zieht aus dem Prior und übergeht die Beobachtung: zeigt, was das Modell von sich aus weiß.</translation>
    </message>
    <message>
        <source>eta of DDIM: 0 deterministic, 1 as DDPM.</source>
        <translation>eta von DDIM: 0 deterministisch, 1 wie DDPM.</translation>
    </message>
</context>
</TS>

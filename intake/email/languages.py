"""The words by which mail programs introduce quoted history and sign mail, language by language.

Data only; `quotes` says what they mean. To teach the desk a language, add its words here.
"""
# ruff: noqa: E501 - word lists

from __future__ import annotations

import re

_WROTE = [
    r"wrote",
    r"writes",
    r"schrieb",
    r"schrieben",
    r"schreibt",
    r"écrit",
    r"ecrit",
    r"escribió",
    r"escribio",
    r"escribe",
    r"ha\s+scritto",
    r"scritto",
    r"scrive",
    r"escreveu",
    r"escreve",
    r"skrev",
    r"skriver",
    r"schreef",
    r"heeft\s+geschreven",
    r"geschreven",
    r"napisał(?:\(a\))?",
    r"napisała",
    r"napisali",
    r"pisze",
    r"пишет",
    r"написал(?:\(а\))?",
    r"написала",
    r"написав(?:\(ла\))?",
    r"пише",
    r"kirjoitti",
    r"tarafından\s+yazıldı",
    r"yazdı",
    r"şunu\s+yazdı",
    r"şunları\s+yazdı",
    r"写道",
    r"寫道",
    r"写了",
    r"さんは書きました",
    r"のメール[:：]?",
    r"さんのメッセージ",
    r"작성",
    r"님이\s*작성",
    r"έγραψε",
    r"írta",
    r"napsal(?:\(a\))?",
    r"napsala",
    r"napísal(?:\(a\))?",
    r"a\s+scris",
    r"scrise",
    r"viết",
    r"đã\s+viết",
    r"rašė",
    r"kirjutas",
    r"je\s+napisao",
    r"napisao",
    r"je\s+napisala",
    r"skrifaði",
    r"написа",
    r"idatzi",
    r"va\s+escriure",
    r"hat\s+geschrieben",
    r"menulis",
    r"เขียนว่า",
    r"كتب",
    r"כתב",
    r"raportoi",
]
WROTE = re.compile(rf"(?:(?<!\w)(?:{'|'.join(_WROTE)})(?!\w)|写道|寫道|작성|のメール|書きました)", re.I)

_STARTS = r"""
on am le el il em op den dne dnia w\s+dniu на в от pada vào dana în el a(?=\s+\d) ti ma ke to pe la su 在 於
mon tue wed thu fri sat sun lun mar mer jeu ven sam dim пн вт ср чт пт сб вс понедельник вторник среда четверг пятница суббота воскресенье
monday tuesday wednesday thursday friday saturday sunday 20\d\d[-/.年] \d{1,2}[-/.]\d{1,2}[-/.]\d{2,4} \d{1,2}\.?\s+\w{3,12}\.?\s+\d{4}
"""
ATTRIBUTION_START = re.compile(
    rf"\W{{0,4}}(?:{'|'.join(_STARTS.split())})(?:\W|$|(?<=[-/.年])|(?<=[在於])|(?<=\d))", re.I
)

_FROM = r"""from von de da van från fra od lähettäjä от від 发件人 寄件者 寄件人 差出人 보낸\s*사람 보낸사람 gönderen kimden feladó από expéditeur
remitente afzender expeditor отправитель מאת من odesílatel odesilatel nadawca fra a\s+partir\s+de reply-to antwort\s+an"""
_OTHER = r"""sent date to cc bcc subject gesendet datum an betreff kopie kopia envoyé envoye date à objet enviado enviada\s+em el para asunto
assunto data enviado\s+el inviato oggetto a verzonden aan onderwerp skickat till ämne sendt til emne dato wysłano do temat odesláno komu předmět predmet
lähetetty vastaanottaja aihe päiväys отправлено дата кому тема копия надіслано 发送时间 发送日期 收件人 主题 主旨 日期 抄送 寄件日期 送信日時 宛先 件名 日時
보낸\s*날짜 받는\s*사람 제목 날짜 참조 gönderildi kime konu tarih elküldve címzett tárgy dátum envoyé\s+le trimis către subiect reply-to risposta
fecha message\s+du организация importance priorität priority attachments anlagen sujet copie\s+à cópia tarih wichtigkeit antwort\s+an organization ημερομηνία προς θέμα
נשלח אל נושא"""


def _label(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


HEADER_FROM = re.compile(rf"[\s>]*[*_]{{0,2}}(?:{_label(_FROM)})\s?[*_]{{0,2}}\s?[:：][*_]{{0,2}}\s*\S?", re.I)
HEADER_OTHER = re.compile(
    rf"[\s>]*[*_]{{0,2}}(?:{_label(_FROM)}|{_label(_OTHER)})\s?[*_]{{0,2}}\s?[:：][*_]{{0,2}}(?:\s|$|\S)", re.I
)

_ORIGINALS = r"""
original\s+(?:message|e-?mail|appointment)|(?:the\s+)?original\s+message\s+follows|reply\s+message|previous\s+message
|(?:begin\s+)?forwarded\s+(?:message|by.*)|forwarded\s+message|ursprüngliche\s+(?:nachricht|e-?mail)|original-?\s?nachricht
|(?:weitergeleitete|originale?)\s+(?:nachricht|e-?mail)|message\s+(?:d'origine|d’origine|original|transféré|transmis)|courriel\s+original|mail\s+original
|message\s+initial|mensaje\s+(?:original|reenviado)|messaggio\s+(?:originale|inoltrato)|(?:inizio\s+)?messaggio\s+inoltrato|mensagem\s+(?:original|encaminhada)
|oorspronkelijk\s+bericht|doorgestuurd\s+bericht|origineel\s+bericht|oprindelig\s+(?:meddelelse|besked)|videresendt\s+(?:meddelelse|melding|besked)
|opprinnelig\s+melding|ursprungligt\s+meddelande|vidarebefordrat\s+meddelande|alkuperäinen\s+viesti|(?:välitetty|edelleenlähetetty)\s+viesti
|(?:wiadomość\s+(?:oryginalna|przekazana|napisana|pierwotna))|oryginalna\s+wiadomość|(?:treść\s+)?przekazan(?:a|ej)\s+wiadomo(?:ść|ści)
|(?:исходное|пересылаемое|пересланное|первоначальное|оригинальное)\s+(?:сообщение|письмо)|переслане\s+повідомлення|оригінальне\s+повідомлення
|původní\s+(?:zpráva|e-?mail)|pôvodná\s+správa|eredeti\s+üzenet|mesaj\s+original|orijinal\s+(?:mesaj|ileti)|iletilen\s+ileti|özgün\s+ileti
|原始邮件|原始郵件|原始信件|原郵件|转发邮件信息|转发的邮件|轉寄郵件|元のメッセージ|original\s+メッセージ|転送メッセージ|원본\s*(?:메시지|메일)|전달된\s*메시지|thư\s+gốc|αρχικό\s+μήνυμα
"""
ORIGINAL = re.compile(rf"(?:{''.join(_ORIGINALS.split(chr(10)))})", re.I)

_SENT_FROM = r"""
(?:sent|send|posted|typed|written|composed|gesendet|geschickt)\s+(?:from|via|with|by|on|using|mit|von|aus|über)\b
|(?:get|download|hol(?:en)?\s+sie\s+sich|obtenez|télécharger|obtener|descargar?|ottieni|scarica)\s+outlook\b
|(?:von|aus)\s+(?:mein|unterwegs)|diese\s+nachricht\s+wurde\s+von|(?:diese\s+e-?mail|diese\s+mail)\s+wurde\s+von\s+mein
|envoyé\s+(?:de|depuis|à\s+partir|avec)|envoyée?\s+d|enviado\s+(?:desde|do|de|a\s+partir|com|con|via|pelo)|mandado\s+desde
|inviato\s+(?:da|dal|con)|verstuurd\s+(?:vanaf|met|van|via)|verzonden\s+(?:vanaf|met|van|via)|skickat\s+från|skickades\s+från|sendt\s+(?:fra|via|med)
|lähetetty\s+|wysłan[eoya]\s+(?:z|ze|przy)|wysłane\s+|отправлено\s+(?:с|из|от|через)|надіслано\s+(?:з|із)|odesláno\s+(?:z|ze)|poslané\s+z|küldve|elküldve
|trimis\s+(?:de|din|prin)|gönderildi|iphone['’]?\S*\s+gönderildi|發自我的|发自我的|來自我的|从我的|從我的|发送自|傳送自|iphoneから送信|\S+から送信|나의\s|내\s+\S+에서\s+보냄
|gửi\s+từ|enviat\s+des|εστάλη\s+από|dikirim\s+dari|sendt\s+fra
"""
SENT_FROM = re.compile("".join(_SENT_FROM.split("\n")), re.I)

AUTO_SUBJECT = re.compile(
    r"\s*(?:re:\s*|aw:\s*|fwd?:\s*)?(?:\[?auto(?:matic(?:ally)?|matische|mated|matisk|matisch)?[\s:-]?\s?(?:re(?:ply|sponse|sponder)|antwort|antwoord|svar)|"
    r"auto:|out\s+of\s+(?:the\s+)?office|ooo:|abwesenheits|abwesend|automatisch\s+antwoord|réponse\s+automatique|absence\s+du\s+bureau|"
    r"respuesta\s+automática|fuera\s+de\s+(?:la\s+)?oficina|risposta\s+automatica|fuori\s+(?:sede|ufficio)|resposta\s+automática|"
    r"autosvar|automatiskt?\s+svar|frånvaro|fraværs|automaattinen\s+vastaus|odpowiedź\s+automatyczna|autoodpowiedź|nieobecność|"
    r"автоматический\s+ответ|автоответ|автоматична\s+відповідь|otomatik\s+yanıt|自动回复|自動回覆|自動応答|자동\s*회신|vacation\s+(?:reply|response)|"
    r"afwezig|automatická\s+odpověď|automatikus\s+válasz)",
    re.I,
)
